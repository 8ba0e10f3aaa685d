/** What a kit does, in its order; eight minutes of a card in all. */

/** Of a card, and of a machine that only tries whether everything works. */
const SIZES = {
  card: {
    views: [640, 4096, 16384],
    after: [1000, 4000],
    decode: 32,
    looks: { cap: 640, full: 16384 },
  },
  small: { views: [16], after: [20], decode: 2, looks: { cap: 16, full: 64 } },
};

/**
 * @param {'dawn' | 'browser'} kind
 * @param {{ shapes: readonly string[], dtypes: readonly string[], isSmall: boolean }} what
 */
export function tasksOf(kind, { shapes, dtypes, isSmall }) {
  const plan = isSmall ? SIZES.small : SIZES.card;
  const after = isSmall ? [20] : [200, 1000];
  const items = (/** @type {number} */ count) => (isSmall ? 1 : count);
  return [
    ...dtypes.map((dtype) => ({
      name: `golden tokens, ${dtype}`,
      part: 'a',
      seconds: 40,
      task: { kind: 'golden', dtype },
    })),
    ...(kind === 'browser' ? questions(items) : []),
    ...shapes.map((shape) => ({
      name: `shape of ${shape}`,
      part: 'b',
      seconds: 90,
      task: { kind: 'shape', shape, plan },
    })),
    {
      name: 'levers, ergo-tiny',
      part: 'c',
      seconds: 60,
      task: { kind: 'levers', shape: null, after, rounds: isSmall ? 1 : 9 },
    },
    {
      name: `levers, shape of ${shapes[0]}`,
      part: 'c',
      seconds: 60,
      task: {
        kind: 'levers',
        shape: shapes[0],
        after: [isSmall ? 20 : 1000],
        rounds: isSmall ? 1 : 5,
      },
    },
  ].map((task) => (isSmall ? { ...task, seconds: 600 } : task));
}

/** @param {(count: number) => number} items */
function questions(items) {
  const device = 'webgpu';
  const asked = [
    ['coarse-to-fine', 'ergo', 60],
    ['full-resolution', 'ergo', 20],
    ['coarse-to-fine', 'transformers.js', 20],
  ];
  return asked.map(([policy, engine, count]) => ({
    name: `questions, ${policy}, ${engine === 'ergo' ? 'this app' : 'stock transformers.js'}`,
    part: 'a',
    seconds: 60,
    task: { kind: 'items', count: items(Number(count)), request: { policy, engine, device } },
  }));
}
