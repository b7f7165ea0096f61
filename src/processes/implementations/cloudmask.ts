/** The process `senseiv2-cloudmask`: a thin user of the pipeline. Runs in a job's child process only. */
import { join } from 'node:path';
import { makeCloudMask } from '../../cloudmask/cloudmask.ts';
import { outputMediaTypes, type OutputName } from '../../cloudmask/output/output-files.ts';
import type { MaskParameters } from '../../cloudmask/output/statistics.ts';
import type { ChildSettings } from '../../jobs/child-protocol.ts';
import { ProductRefused } from '../../errors.ts';
import { loadOnnxModel } from '../../models/onnx-model.ts';
import { findLocalProduct, absentMessage } from '../../sources/local-product.ts';
import { productReference } from '../../sources/product-reference.ts';
import type { Implementation, Inputs, Output } from '../process.ts';

/** The implementation, for a child with the given settings. */
export function cloudMaskImplementation(settings: ChildSettings): Implementation {
  return {
    processId: 'senseiv2-cloudmask',
    run: async (inputs, context) => {
      const product = context.brought['product'] ?? (await localFolder(inputs, settings));
      const model = await loadOnnxModel({ ...settings, device: settings.modelDevice });
      if (model.warning !== undefined) context.warn(model.warning);
      try {
        const { files } = await makeCloudMask(
          {
            product,
            parameters: parametersOf(inputs),
            directory: context.directory,
            filesUrl: context.resultsUrl,
            outputs: context.outputs as OutputName[],
          },
          model,
          context,
        );
        const outputs = Object.entries(files).map(([name, file]): [string, Output] => [
          name,
          {
            kind: 'file',
            file: join(context.directory, file),
            mediaType: outputMediaTypes[name as OutputName],
          },
        ]);
        return Object.fromEntries(outputs);
      } finally {
        await model.close();
      }
    },
  };
}

/** Asked again: since the server looked, the folder may have been replaced by a link to elsewhere. */
async function localFolder(inputs: Inputs, { localPlaces }: ChildSettings): Promise<string> {
  const reference = productReference(inputs['product']);
  const found =
    reference.kind === 'local' ? await findLocalProduct(reference.path, localPlaces) : undefined;
  if (found?.kind === 'folder') return found.directory;
  throw new ProductRefused(`product: ${absentMessage(reference, localPlaces)}`);
}

/** The inputs that shape the mask. The server has checked them against the description and filled defaults in. */
function parametersOf(inputs: Inputs): MaskParameters {
  const { output_style, stride, categorise } = inputs as unknown as MaskParameters;
  return { output_style, stride, categorise };
}
