package io.scanline.server.transport;

import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ImageEngine;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.GetModelResponse;
import io.scanline.v1.ListModelsRequest;
import io.scanline.v1.ListModelsResponse;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;

/** Says which models there are. */
final class ModelEndpoint extends ModelServiceGrpc.ModelServiceImplBase {
    private final ImageEngine engine;

    ModelEndpoint(ImageEngine engine) {
        this.engine = engine;
    }

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> out) {
        ListModelsResponse.Builder response = ListModelsResponse.newBuilder();
        engine.models().forEach(info -> response.addModels(ModelMessages.model(info)));
        out.onNext(response.build());
        out.onCompleted();
    }

    @Override
    public void getModel(GetModelRequest request, StreamObserver<GetModelResponse> out) {
        try {
            ModelSelector model = Requests.required(request.getModel());
            out.onNext(GetModelResponse.newBuilder()
                    .setModel(ModelMessages.model(engine.model(model.getName(), model.getVersion())))
                    .build());
            out.onCompleted();
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusal));
        }
    }
}
