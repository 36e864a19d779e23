package io.scanline.server.transport;

import com.google.protobuf.ByteString;
import io.scanline.server.engine.DecodeRequest;
import io.scanline.server.engine.EncodeRequest;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.InterpolationRequest;
import io.scanline.server.engine.Latent;
import io.scanline.server.engine.LatentPath;
import io.scanline.server.engine.Reason;
import io.scanline.v1.InterpolateRequest;
import io.scanline.v1.InterpolationEnd;
import io.scanline.v1.InterpolationPath;
import io.scanline.v1.ModelSelector;
import java.util.ArrayList;
import java.util.List;

/** Reads messages of the LatentService into requests of the engine. Ranges are the engine's to check. */
final class LatentRequests {
    private static final int DEFAULT_FRAMES = 16;

    private LatentRequests() {}

    /** @throws EngineException FIELD_REQUIRED */
    static EncodeRequest encode(io.scanline.v1.EncodeRequest request) throws EngineException {
        ModelSelector model = Requests.required(request.getModel());
        return new EncodeRequest(
                model.getName(),
                model.getVersion(),
                Requests.label(request.hasLabel(), request.getLabel()),
                request.getImagesList().stream().map(ByteString::toByteArray).toList(),
                Requests.deadlineNanos());
    }

    /** @throws EngineException FIELD_REQUIRED */
    static DecodeRequest decode(io.scanline.v1.DecodeRequest request) throws EngineException {
        ModelSelector model = Requests.required(request.getModel());
        List<Latent> latents = new ArrayList<>(request.getLatentsCount());
        for (int i = 0; i < request.getLatentsCount(); i++) {
            latents.add(latent("latents[" + i + "]", request.getLatents(i)));
        }
        return new DecodeRequest(
                model.getName(),
                model.getVersion(),
                Requests.label(request.hasLabel(), request.getLabel()),
                latents,
                Requests.deadlineNanos());
    }

    /** @throws EngineException FIELD_REQUIRED, ENUM_UNKNOWN */
    static InterpolationRequest interpolate(InterpolateRequest request) throws EngineException {
        ModelSelector model = Requests.required(request.getModel());
        return new InterpolationRequest(
                model.getName(),
                model.getVersion(),
                Requests.label(request.hasLabel(), request.getLabel()),
                end("from", request.getFrom()),
                end("to", request.getTo()),
                request.hasFrames() ? request.getFrames() : DEFAULT_FRAMES,
                path(request),
                Requests.deadlineNanos());
    }

    private static InterpolationRequest.End end(String field, InterpolationEnd end) throws EngineException {
        return switch (end.getEndCase()) {
            case LATENT -> new InterpolationRequest.LatentEnd(latent(field + ".latent", end.getLatent()));
            case IMAGE -> new InterpolationRequest.ImageEnd(end.getImage().toByteArray());
            case END_NOT_SET -> throw EngineException.field(
                    Reason.FIELD_REQUIRED, field, field + " is missing: a latent or an image");
        };
    }

    private static LatentPath path(InterpolateRequest request) throws EngineException {
        InterpolationPath path = request.getPath();
        return switch (path) {
            case INTERPOLATION_PATH_UNSPECIFIED, INTERPOLATION_PATH_LINEAR -> LatentPath.LINEAR;
            case INTERPOLATION_PATH_SPHERICAL -> LatentPath.SPHERICAL;
            case UNRECOGNIZED -> throw EngineException.field(
                    Reason.ENUM_UNKNOWN, "path", "path " + request.getPathValue() + " is not known to this server");
        };
    }

    private static Latent latent(String field, io.scanline.v1.Latent latent) throws EngineException {
        return switch (latent.getKindCase()) {
            case VECTOR -> new Latent.Vector(floats(latent.getVector().getValuesList()));
            case GAUSSIAN -> new Latent.Gaussian(
                    floats(latent.getGaussian().getMeanList()), floats(latent.getGaussian().getVarianceList()));
            case TOKENS -> new Latent.Tokens(
                    latent.getTokens().getCodesList().stream().mapToInt(Integer::intValue).toArray());
            case KIND_NOT_SET -> throw EngineException.field(
                    Reason.FIELD_REQUIRED, field, field + " is empty: a vector, a gaussian or tokens");
        };
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }
}
