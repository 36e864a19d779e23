package io.scanline.server.transport;

import com.google.protobuf.UnsafeByteOperations;
import io.scanline.server.engine.Interpolation;
import io.scanline.server.engine.Latent;
import io.scanline.server.engine.ModelInfo;
import io.scanline.v1.DecodeResponse;
import io.scanline.v1.EncodeResponse;
import io.scanline.v1.InterpolateResponse;
import io.scanline.v1.LatentGaussian;
import io.scanline.v1.LatentTokens;
import io.scanline.v1.LatentVector;
import java.util.List;

/** Writes the answers of the LatentService. */
final class LatentMessages {
    private LatentMessages() {}

    static EncodeResponse encoded(List<Latent> latents, ModelInfo model) {
        EncodeResponse.Builder response = EncodeResponse.newBuilder().setBundleDigest(model.digest());
        latents.forEach(latent -> response.addLatents(latent(latent)));
        return response.build();
    }

    static DecodeResponse decoded(List<byte[]> images, ModelInfo model) {
        DecodeResponse.Builder response = DecodeResponse.newBuilder()
                .setBundleDigest(model.digest())
                .setGeometry(ModelMessages.geometry(model.bundle().orElseThrow()));
        images.forEach(image -> response.addImages(UnsafeByteOperations.unsafeWrap(image)));
        return response.build();
    }

    static InterpolateResponse frame(Interpolation.Frame frame, ModelInfo model) {
        InterpolateResponse.Builder response = InterpolateResponse.newBuilder()
                .setIndex(frame.index())
                .setPosition(frame.position())
                .setValues(UnsafeByteOperations.unsafeWrap(frame.values()));
        if (frame.index() == 0) {
            response.setGeometry(ModelMessages.geometry(model.bundle().orElseThrow())).setBundleDigest(model.digest());
        }
        return response.build();
    }

    private static io.scanline.v1.Latent latent(Latent latent) {
        io.scanline.v1.Latent.Builder message = io.scanline.v1.Latent.newBuilder();
        if (latent instanceof Latent.Tokens tokens) {
            LatentTokens.Builder grid = message.getTokensBuilder();
            for (int code : tokens.codes()) {
                grid.addCodes(code);
            }
        } else if (latent instanceof Latent.Gaussian gaussian) {
            LatentGaussian.Builder normal = message.getGaussianBuilder();
            for (int d = 0; d < gaussian.mean().length; d++) {
                normal.addMean(gaussian.mean()[d]).addVariance(gaussian.variance()[d]);
            }
        } else if (latent instanceof Latent.Vector vector) {
            LatentVector.Builder values = message.getVectorBuilder();
            for (float value : vector.values()) {
                values.addValues(value);
            }
        }
        return message.build();
    }
}
