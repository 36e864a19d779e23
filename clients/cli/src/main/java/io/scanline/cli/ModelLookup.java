package io.scanline.cli;

import io.scanline.v1.GetModelRequest;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.ModelState;

/** Asks the server for a model whose images are to be read from files. */
final class ModelLookup {
    private ModelLookup() {}

    /** The model, which serves: one that does not has no geometry. */
    static Model serving(Connection connection, ConnectionOptions options, ModelSelector selector)
            throws CommandFailure {
        Model model = options.withDeadline(ModelServiceGrpc.newBlockingStub(connection.channel()))
                .getModel(GetModelRequest.newBuilder().setModel(selector).build())
                .getModel();
        if (model.getState() != ModelState.MODEL_STATE_SERVING) {
            throw CommandFailure.failed("model " + model.getName() + "/" + model.getVersion() + " does not serve: "
                    + model.getNotServingReason());
        }
        return model;
    }
}
