package io.scanline.server.transport;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ModelInfo;
import io.scanline.v1.CaptionServiceGrpc;
import io.scanline.v1.EmbeddingServiceGrpc;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.LatentServiceGrpc;
import io.scanline.v1.ModelServiceGrpc;
import java.util.List;

/**
 * Who answers: the server (""), each service by its full name, each model as NAME and as NAME/VERSION. The server and
 * the generation service serve while at least one model does, the latent service while one with a latent space does,
 * the embedding service while one that looks at images does, the caption service while one that puts them into words
 * does, and the model service always, since it says why a model does not.
 */
final class HealthBoard {
    private final HealthStatusManager statuses = new HealthStatusManager();
    private volatile boolean serving;
    private boolean retired;

    HealthBoard(ImageEngine engine) {
        List<ModelInfo> models = engine.models();
        serving = models.stream().anyMatch(ModelInfo::serving);
        statuses.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status(serving));
        statuses.setStatus(GenerationServiceGrpc.SERVICE_NAME, status(serving));
        statuses.setStatus(LatentServiceGrpc.SERVICE_NAME, status(models.stream()
                .anyMatch(model -> model.serving() && model.bundle().orElseThrow().hasLatent())));
        statuses.setStatus(EmbeddingServiceGrpc.SERVICE_NAME, status(models.stream()
                .anyMatch(model -> model.serving() && model.looks())));
        statuses.setStatus(CaptionServiceGrpc.SERVICE_NAME, status(models.stream()
                .anyMatch(model -> model.serving() && model.captions())));
        statuses.setStatus(ModelServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
        for (ModelInfo model : models) {
            statuses.setStatus(model.name() + "/" + model.version(), status(model.serving()));
            statuses.setStatus(model.name(), status(models.stream()
                    .anyMatch(other -> other.name().equals(model.name()) && other.serving())));
        }
    }

    /** Answers Check and Watch. */
    BindableService service() {
        return statuses.getHealthService();
    }

    /** Whether the server as a whole serves. */
    boolean serving() {
        return serving;
    }

    /** Nobody serves any more, for good. */
    synchronized void retire() {
        serving = false;
        if (!retired) {
            retired = true;
            statuses.enterTerminalState();
        }
    }

    private static ServingStatus status(boolean serving) {
        return serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    }
}
