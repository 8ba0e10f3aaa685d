import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { smartResize } from '../../core/geometry/resize.ts';
import { box } from '../../core/geometry/size.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import type { ShownPicture } from './ask-store.ts';
import { Lens } from './lens.tsx';

const info = { width: 4000, height: 3000, nativeTokens: 15301, type: 'image/jpeg', bytes: 1 };
const coarse = smartResize(info, { ...TINY_PROFILE.image, maxTokens: 100 });
const picture: ShownPicture = {
  file: new Blob(),
  name: 'hills',
  url: 'blob:hills',
  glance: null,
  info,
  suggestions: [],
  sample: null,
};

it('shows the path of several looks as numbered frames, in their order', () => {
  const path = [box('coarse', 30.8, 0, 61.6, 56), box('coarse', 154, 112, 77, 56)];
  const html = renderToStaticMarkup(
    <Lens
      picture={picture}
      coarse={coarse}
      minSide={40}
      view={null}
      region={null}
      named={null}
      path={path}
      isLive={false}
      onRegion={() => undefined}
    />,
  );
  const frames = [...html.matchAll(/aria-label="(Look \d[^"]*)"[^>]*><span[^>]*>(\d)</g)];
  expect(frames.map(([, label, number]) => [label, number])).toEqual([
    ['Look 1: 62 by 56 pixels at 31, 0', '1'],
    ['Look 2: 77 by 56 pixels at 154, 112', '2'],
  ]);
  expect(html).toContain('left:10%;top:0%;width:20%;height:25%');
});
