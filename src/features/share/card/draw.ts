/** The card itself: 1200 × 630, what chats and pages show beside a link. */
import { cropsOf } from '../../../core/run/fold.ts';
import type { Exhibit } from '../exhibit.ts';
import { factsOf, type CardFacts } from './facts.ts';
import { CARD, contained, insetsOf, onPicture, pictureArea, WORDS, type Place } from './places.ts';
import { directionOf, fitted, linesOf, type Measure } from './text.ts';

/** Of the page's light look, whatever the page wears: a card is seen elsewhere. */
const COLOURS = {
  paper: '#f7f5f1',
  sunken: '#e6e2d9',
  ink: '#1f2326',
  soft: '#5a6166',
  accent: '#0b6470',
  region: '#ff7a1a',
  regionInk: '#a04400',
} as const;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

/** @returns PNG */
export async function drawCard(exhibit: Exhibit): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = CARD.width;
  canvas.height = CARD.height;
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('The browser gives no canvas.');
  context.imageSmoothingQuality = 'high';
  context.fillStyle = COLOURS.paper;
  context.fillRect(0, 0, CARD.width, CARD.height);
  await drawPicture(context, exhibit);
  drawWords(context, factsOf(exhibit));
  const card = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, 'image/png');
  });
  if (!card) throw new Error('The browser makes no picture of the card.');
  return card;
}

async function drawPicture(context: CanvasRenderingContext2D, exhibit: Exhibit): Promise<void> {
  const { picture, main } = exhibit;
  const crops = cropsOf(main.state).flatMap(({ preview }) => (preview ? [preview] : []));
  const place = contained(picture.info, pictureArea(crops.length));
  const drawable = await picture.drawable();
  context.save();
  rounded(context, place, 16);
  context.clip();
  context.fillStyle = COLOURS.sunken;
  context.fillRect(place.x, place.y, place.width, place.height);
  if (drawable) context.drawImage(drawable, place.x, place.y, place.width, place.height);
  const frames = main.state.regions.map(({ original }) => onPicture(original, picture.info, place));
  const [frame] = frames;
  if (drawable && frame && frames.length === 1) dim(context, place, frame);
  context.restore();
  if (!drawable) writeAbsence(context, place, frame);
  const insets = insetsOf(crops, frames, place);
  const [inset] = insets;
  if (frame && inset && insets.length === 1) join(context, frame, inset);
  for (const [index, one] of frames.entries()) {
    outline(context, one, 4);
    if (frames.length > 1) badge(context, one, index + 1);
  }
  for (const [index, one] of insets.entries()) {
    const crop = crops[index];
    if (!crop) continue;
    context.save();
    context.shadowColor = 'rgb(0 0 0 / 45%)';
    context.shadowBlur = 22;
    context.shadowOffsetY = 4;
    context.fillStyle = COLOURS.paper;
    context.fillRect(one.x, one.y, one.width, one.height);
    context.restore();
    context.drawImage(crop, one.x, one.y, one.width, one.height);
    outline(context, one, 5);
    if (frames.length > 1) badge(context, one, index + 1);
  }
}

/** Where no frame is. */
function writeAbsence(context: CanvasRenderingContext2D, place: Place, frame?: Place): void {
  const isLow = frame !== undefined && frame.y + frame.height / 2 > place.y + place.height / 2;
  const line = { ...place, x: place.x + 24, width: place.width - 48 };
  const y = isLow ? place.y + 24 : place.y + place.height - 46;
  write(context, 'The picture is not shared.', { ...line, y }, 22, COLOURS.soft);
}

function drawWords(context: CanvasRenderingContext2D, facts: CardFacts): void {
  const { x, width } = WORDS;
  write(context, 'ergo-web', { x, y: WORDS.y, width, height: 30 }, 24, COLOURS.accent, 700);
  const saved = savedHeight(facts);
  const foot = WORDS.y + WORDS.height - saved;
  drawSaving(context, facts, foot);
  const room = foot - WORDS.y - 62 - 24;
  const question = fitted(
    facts.question,
    { width, height: room * 0.4, leading: 1.3 },
    [32, 28, 25, 22],
    measureAt(context, 500),
  );
  let y = WORDS.y + 62;
  y = paragraph(context, question, x, y, width, { colour: COLOURS.ink, weight: 500, leading: 1.3 });
  if (facts.options !== '') {
    const size = 20;
    const lines = linesOf(facts.options, width, 2, measureAt(context, 400)(size));
    y = paragraph(context, { size, lines }, x, y + 8, width, {
      colour: COLOURS.soft,
      weight: 400,
      leading: 1.35,
    });
  }
  const left = foot - 24 - y - 18;
  const answer = fitted(
    facts.answer,
    { width, height: left, leading: 1.15 },
    [84, 72, 62, 54, 46, 40, 34, 30, 26, 22],
    measureAt(context, 700),
  );
  const used = answer.lines.length * answer.size * 1.15;
  // In the middle of what is left between question and account.
  const top = y + 18 + Math.min((left - used) / 2, 60);
  paragraph(context, answer, x, top, width, { colour: COLOURS.ink, weight: 700, leading: 1.15 });
}

function measureAt(context: CanvasRenderingContext2D, weight: number): (size: number) => Measure {
  return (size) => (text) => {
    context.font = font(size, weight);
    return context.measureText(text).width;
  };
}

function savedHeight({ factor }: CardFacts): number {
  return factor === null ? 62 : 130;
}

function drawSaving(context: CanvasRenderingContext2D, facts: CardFacts, top: number): void {
  const { x, width } = WORDS;
  context.fillStyle = COLOURS.sunken;
  context.fillRect(x, top - 14, width, 2);
  let y = top;
  if (facts.factor !== null) {
    write(context, facts.factor, { x, y, width, height: 60 }, 56, COLOURS.regionInk, 700);
    y += 68;
  }
  const { size } = fitted(
    facts.saved,
    { width, height: 36, leading: 1.2 },
    [22, 20, 18, 16],
    measureAt(context, 600),
  );
  write(context, facts.saved, { x, y, width, height: 28 }, size, COLOURS.ink, 600);
  write(context, facts.detail, { x, y: y + 32, width, height: 24 }, 18, COLOURS.soft);
}

interface Look {
  readonly colour: string;
  readonly weight: number;
  readonly leading: number;
}

/** @returns where the next one may begin */
function paragraph(
  context: CanvasRenderingContext2D,
  { size, lines }: { readonly size: number; readonly lines: readonly string[] },
  x: number,
  y: number,
  width: number,
  { colour, weight, leading }: Look,
): number {
  const direction = directionOf(lines.join(' '));
  context.font = font(size, weight);
  context.fillStyle = colour;
  context.direction = direction;
  context.textAlign = direction === 'rtl' ? 'right' : 'left';
  context.textBaseline = 'alphabetic';
  for (const [index, line] of lines.entries()) {
    context.fillText(line, direction === 'rtl' ? x + width : x, y + size + index * size * leading);
  }
  return y + lines.length * size * leading;
}

/** One line, cut where it does not fit. */
function write(
  context: CanvasRenderingContext2D,
  text: string,
  { x, y, width }: Place,
  size: number,
  colour: string,
  weight = 400,
): void {
  const measure = measureAt(context, weight)(size);
  const lines = linesOf(text, width, 1, measure);
  paragraph(context, { size, lines }, x, y, width, { colour, weight, leading: 1 });
}

function font(size: number, weight: number): string {
  return `${weight} ${size}px ${FONT}`;
}

function rounded(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Place,
  radius: number,
): void {
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
}

/** Everything but the frame. */
function dim(context: CanvasRenderingContext2D, picture: Place, frame: Place): void {
  context.fillStyle = 'rgb(0 0 0 / 34%)';
  context.beginPath();
  context.rect(picture.x, picture.y, picture.width, picture.height);
  context.rect(frame.x, frame.y, frame.width, frame.height);
  context.fill('evenodd');
}

function outline(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Place,
  line: number,
): void {
  context.strokeStyle = COLOURS.region;
  context.lineWidth = line;
  context.lineJoin = 'round';
  context.strokeRect(x, y, width, height);
}

/** From the two corners of a frame between which it is seen from its inset. */
function join(context: CanvasRenderingContext2D, frame: Place, inset: Place): void {
  context.strokeStyle = COLOURS.region;
  context.globalAlpha = 0.75;
  context.lineWidth = 2;
  const isFalling = frame.x > inset.x === frame.y > inset.y;
  for (const right of [0, 1]) {
    const bottom = isFalling ? 1 - right : right;
    context.beginPath();
    context.moveTo(frame.x + right * frame.width, frame.y + bottom * frame.height);
    context.lineTo(inset.x + right * inset.width, inset.y + bottom * inset.height);
    context.stroke();
  }
  context.globalAlpha = 1;
}

function badge(context: CanvasRenderingContext2D, { x, y }: Place, number: number): void {
  context.fillStyle = COLOURS.region;
  context.fillRect(x - 2, y - 2, 30, 30);
  context.font = font(20, 700);
  context.fillStyle = '#000';
  context.direction = 'ltr';
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.fillText(String(number), x + 13, y + 20);
}
