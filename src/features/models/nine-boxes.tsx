import type { CheckLook } from '../../core/check/check.ts';
import type { Box, Size } from '../../core/geometry/size.ts';
import styles from './panel.module.css';

/** Of one picture, in units of the drawing; as wide for its height as the pictures are. */
const WIDTH = 36;
const HEIGHT = 24;
const GAP = 3;

/** The nine pictures of a check: the bright square, and the box that the model named. */
export function NineBoxes({ looks }: { readonly looks: readonly CheckLook[] }) {
  const told = looks.map(({ box, iou }) => (box ? iou.toFixed(2) : 'no box')).join(', ');
  return (
    <svg
      role="img"
      aria-label={`Nine pictures; overlap of the named box with the square: ${told || 'none yet'}`}
      viewBox={`0 0 ${3 * WIDTH + 2 * GAP} ${3 * HEIGHT + 2 * GAP}`}
      className={styles.nine}
    >
      {Array.from({ length: 9 }, (_, index) => {
        const look = looks[index];
        const x = (index % 3) * (WIDTH + GAP);
        const y = Math.floor(index / 3) * (HEIGHT + GAP);
        return (
          <g key={index} transform={`translate(${x} ${y})`}>
            <rect width={WIDTH} height={HEIGHT} fill="#17191c" />
            {look && <rect {...inside(look.square, look.size)} fill="#f4f4f0" />}
            {look?.box && (
              <rect
                {...inside(look.box, look.size)}
                fill="none"
                stroke="#ff7a1a"
                strokeWidth={1.2}
              />
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** From pixels of what the model saw to units of the drawing. */
function inside({ x, y, width, height }: Box<'coarse'>, size: Size) {
  const [across, down] = [WIDTH / size.width, HEIGHT / size.height];
  return { x: x * across, y: y * down, width: width * across, height: height * down };
}
