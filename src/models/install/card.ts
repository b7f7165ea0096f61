/** `card.md`: what a person should know of a model. */
import type { InstalledManifest } from './installed-models.ts';

/** The card of a model that was made from a checkpoint. */
export function modelCard(manifest: InstalledManifest): string {
  const { architecture, checkpoint, ignored_keys: ignored } = manifest;
  return `# ${manifest.title}

${architecture.sensei} + ${architecture.segmenter}, ${manifest.parameters.toLocaleString('en')} parameters, windows of
${manifest.patch} × ${manifest.patch} pixels. Classes: ${manifest.classes.join(', ')}.

- **Source**: ${manifest.source}
- **Checkpoint**: ${checkpoint.bytes.toLocaleString('en')} bytes, SHA-256 \`${checkpoint.sha256}\`
- **Licence of the weights**: ${manifest.licence}. The networks in this folder are the same weights in another form: the
  licence holds for them as well.
- **Trained with**: ${manifest.trained_on === undefined ? 'not stated' : `products of level ${manifest.trained_on.join(', ')}`}
- **Made by**: ${manifest.created_by}
- **Keys of the checkpoint that were left out**: ${ignored.length} (listed in \`model.json\`)

This project has not measured the accuracy of these weights. The publication of their authors says what to expect.
`;
}
