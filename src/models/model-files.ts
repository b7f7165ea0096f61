/** Names of the networks in a model folder: the descriptor branch, and the segmenter for one window at a time. */
export const modelFiles = { sensei: 'sensei.onnx', segmenter: 'segmenter.onnx' } as const;
