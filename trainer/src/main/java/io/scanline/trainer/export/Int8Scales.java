package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.bundle.v1.Graph;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.onnx.ModelProto;
import java.util.Map;

/**
 * What the bytes of steps in 8-bit integers stand for.
 *
 * @param cache those of keys and values
 * @param activations those of what products read
 */
record Int8Scales(CacheScales cache, ActivationRanges activations) {
    /**
     * Measures them by the steps in fp32.
     *
     * @param stored a bundle with a KV cache
     * @param images that are like what will be drawn: of the training set
     */
    static Int8Scales measure(StoredBundle stored, Conditions conditions, ImageSet images)
            throws OrtException, InvalidProtocolBufferException {
        Graph step = stored.required(StepGraph.ROLE);
        Int8Scales scales = new Int8Scales(new CacheScales(step.getState().getKeyValueCache()), new ActivationRanges());
        Map<String, Long> inputs =
                new ConstantProducts(ModelProto.parseFrom(stored.onnx(step)).getGraph()).inputs();
        try (WatchedSteps steps = new WatchedSteps(stored, conditions, images.valuesPerImage(), inputs)) {
            for (int n = 0; n < images.size(); n++) {
                steps.run(images.image(n), images.labels()[n]);
                scales.cache().raise(steps.cache());
                inputs.keySet().forEach(input -> scales.activations().widen(input, steps.numbers(input)));
            }
        }
        return scales;
    }
}
