package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;

/** What a session carries from step to step for a batch of images that grow in step. */
interface StepState extends AutoCloseable {
    /**
     * One run of the step graph.
     *
     * @param images values so far, one byte each in generation order
     * @param labels their classes
     * @param first index of the first value of the run; 0 starts new images
     * @param count number of consecutive values
     */
    record Run(List<byte[]> images, int[] labels, int first, int count) {}

    /** Adds the tensors that the run reads and writes. */
    void feed(Run run, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) throws OrtException;

    /** Takes over what the run wrote. */
    void keep(Run run);

    @Override
    void close() throws OrtException;
}
