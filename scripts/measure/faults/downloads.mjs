/** Broken downloads of a model's files: each file in each way, twice in a row. */
import { alerts, PATIENCE } from './bench.mjs';
import { KINDS, serveSite } from './network.mjs';

export const group = 'downloads';

const FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'onnx/vision_encoder_quantized.onnx',
  'onnx/vision_encoder_quantized_wasm.onnx',
  'onnx/embed_tokens_quantized.onnx',
  'onnx/decoder_model_merged_quantized.onnx',
  'onnx/decoder_model_merged_quantized_wasm.onnx',
];

/** @param {import('./bench.mjs').Bench} bench @returns {AsyncGenerator<import('./bench.mjs').Result>} */
export async function* faults(bench) {
  const server = await serveSite();
  for (const file of FILES) {
    for (const [kind, called] of KINDS) {
      let faults = 0;
      server.setFault((path) => {
        if (path !== `models/ergo-tiny/${file}` || faults === 2) return undefined;
        faults++;
        return kind;
      });
      // Of its own, so that nothing is stored.
      const context = await bench.context();
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      await page.goto(`${server.url}?device=wasm`);
      await page.getByRole('button', { name: /^Load / }).click();
      const ready = page.getByText(/ is ready on /);
      await ready.or(page.getByRole('alert')).first().waitFor();
      // A file that nobody asked for proves nothing.
      const recovered = (await ready.isVisible()) && faults === 2;
      const told = await alerts(page);
      yield { fault: `${file} comes as ${called}, twice`, told: told.join(' '), recovered };
      await context.close();
    }
  }
  server.close();
}
