/**
 * The zoom tool, told to a model in the way in which its family's chat template tells of tools:
 * calls as JSON (Qwen2.5-VL and Qwen3-VL) or as XML (Qwen3.5). Untried on real weights.
 */
import type { Prompts } from '../../core/contracts/profile.ts';
import type { CoordinateConvention } from '../../core/geometry/frames.ts';

const UNITS: Readonly<Record<CoordinateConvention, string>> = {
  'absolute-coarse-pixels': 'pixels of the picture as it was shown',
  'relative-1000': 'thousandths of its width and height, 0 to 1000',
  'relative-1': 'fractions of its width and height, 0 to 1',
};

const AGAIN =
  'If the question can be answered now, answer it briefly, with the letter of the right option where there are options. If not, call the tool once more for another region.';

export function zoomTool(
  style: 'json' | 'xml',
  units: CoordinateConvention,
): NonNullable<Prompts['search']> {
  return {
    system: style === 'json' ? jsonSystem(units) : xmlSystem(units),
    first: `{question}\nThe picture is shown small. ${AGAIN}`,
    again: `This is the region in detail.\n{question}\n${AGAIN}`,
    last: 'No more regions can be seen.\n{question}\nAnswer now, briefly, with the letter of the right option where there are options.',
  };
}

function toolOf(units: CoordinateConvention): string {
  return JSON.stringify({
    type: 'function',
    function: {
      name: 'image_zoom_in_tool',
      description: 'Shows a region of a picture in detail.',
      parameters: {
        type: 'object',
        properties: {
          bbox_2d: {
            type: 'array',
            items: { type: 'number' },
            minItems: 4,
            maxItems: 4,
            description: `The region as [x1, y1, x2, y2], in ${UNITS[units]}.`,
          },
          label: { type: 'string', description: 'What is there.' },
          img_idx: { type: 'integer', description: 'Of the picture, in the order shown, from 0.' },
        },
        required: ['bbox_2d', 'img_idx'],
      },
    },
  });
}

function jsonSystem(units: CoordinateConvention): string {
  return [
    'You answer questions about pictures.\n',
    '# Tools\n',
    'You may call one or more functions to assist with the user query.\n',
    'You are provided with function signatures within <tools></tools> XML tags:',
    `<tools>\n${toolOf(units)}\n</tools>\n`,
    'For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:',
    '<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>',
  ].join('\n');
}

function xmlSystem(units: CoordinateConvention): string {
  return [
    '# Tools\n',
    'You have access to the following functions:\n',
    `<tools>\n${toolOf(units)}\n</tools>\n`,
    'If you choose to call a function ONLY reply in the following format with NO suffix:\n',
    '<tool_call>\n<function=image_zoom_in_tool>\n<parameter=bbox_2d>\n[x1, y1, x2, y2]\n</parameter>\n<parameter=img_idx>\n0\n</parameter>\n</function>\n</tool_call>\n',
    'You answer questions about pictures.',
  ].join('\n');
}
