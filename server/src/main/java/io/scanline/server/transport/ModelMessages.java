package io.scanline.server.transport;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Order;
import io.scanline.bundle.v1.Stage;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Likelihood;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ValueGrid;
import io.scanline.v1.CodeGrid;
import io.scanline.v1.EmbeddingSpace;
import io.scanline.v1.GenerationOrder;
import io.scanline.v1.Geometry;
import io.scanline.v1.LatentSpace;
import io.scanline.v1.LikelihoodKind;
import io.scanline.v1.Metric;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelState;
import io.scanline.v1.PipelineStage;
import io.scanline.v1.Prompt;

/** Writes what is known of a model into messages of the wire. */
final class ModelMessages {
    private ModelMessages() {}

    static Model model(ModelInfo info) {
        Model.Builder model = Model.newBuilder()
                .setName(info.name())
                .setVersion(info.version())
                .setState(info.serving() ? ModelState.MODEL_STATE_SERVING : ModelState.MODEL_STATE_NOT_SERVING);
        info.failure().ifPresent(failure -> model.setNotServingReason(sentence(failure)));
        if (info.serving()) {
            describe(model, info);
            model.setBundleDigest(info.digest()).setSlots(info.slots());
        }
        return model.build();
    }

    static ModelSelector selector(ModelInfo info) {
        return ModelSelector.newBuilder().setName(info.name()).setVersion(info.version()).build();
    }

    static Geometry geometry(Bundle bundle) {
        ImageGeometry geometry = bundle.getGeometry();
        return Geometry.newBuilder()
                .setWidth(geometry.getWidth())
                .setHeight(geometry.getHeight())
                .setChannels(geometry.getChannels())
                .setLevels(geometry.getLevels())
                .setLevelValues(geometry.getLevelValues())
                .build();
    }

    static CodeGrid codes(ValueGrid codes) {
        return CodeGrid.newBuilder()
                .setColumns(codes.width())
                .setRows(codes.height())
                .setCodes(codes.levels())
                .build();
    }

    static GenerationOrder order(Bundle bundle) {
        return bundle.getAutoregression().getOrder() == Order.ORDER_RASTER
                ? GenerationOrder.GENERATION_ORDER_RASTER
                : GenerationOrder.GENERATION_ORDER_UNSPECIFIED;
    }

    private static String sentence(EngineException failure) {
        return failure.reason().name() + ": " + failure.getMessage();
    }

    static LikelihoodKind kind(Likelihood likelihood) {
        return switch (likelihood) {
            case NONE -> LikelihoodKind.LIKELIHOOD_KIND_UNSPECIFIED;
            case EXACT -> LikelihoodKind.LIKELIHOOD_KIND_EXACT;
            case LOWER_BOUND -> LikelihoodKind.LIKELIHOOD_KIND_LOWER_BOUND;
            case CODES -> LikelihoodKind.LIKELIHOOD_KIND_CODES;
        };
    }

    private static LatentSpace latent(Bundle bundle) {
        io.scanline.bundle.v1.LatentSpace latent = bundle.getLatent();
        String kind = switch (latent.getKind()) {
            case LATENT_KIND_VECTOR -> "vector";
            case LATENT_KIND_GAUSSIAN -> "gaussian";
            case LATENT_KIND_TOKENS -> "tokens";
            default -> throw new IllegalStateException("the description was not checked");
        };
        return LatentSpace.newBuilder()
                .setKind(kind)
                .addAllShape(latent.getShapeList())
                .setCodes(latent.getCodes())
                .setWithoutEncoder(!ModelInfo.encodes(bundle))
                .build();
    }

    private static PipelineStage stage(Stage stage) {
        String[] model = stage.getModel().split("/");
        return PipelineStage.newBuilder()
                .setName(stage.getName())
                .setModel(ModelSelector.newBuilder().setName(model[0]).setVersion(model[1]))
                .setRole(stage.getRole())
                .build();
    }

    private static void describe(Model.Builder model, ModelInfo info) {
        Bundle bundle = info.bundle().orElseThrow();
        if (bundle.hasLatent()) {
            model.setLatent(latent(bundle));
        }
        if (bundle.hasEmbedding()) {
            model.setEmbedding(EmbeddingSpace.newBuilder()
                    .setDimensions(bundle.getEmbedding().getDimensions())
                    .setTexts(bundle.hasTextInput()));
        }
        info.prompt().ifPresent(prompt -> model.setPrompt(Prompt.newBuilder()
                .setContext(prompt.context())
                .setRecommendedGuidance(prompt.recommendedGuidance())));
        model.addAllClassifierNames(bundle.getClassifier().getClassNamesList());
        model.setFamily(bundle.getFamily())
                .setGeometry(geometry(bundle))
                .setOrder(order(bundle))
                .setSteps(info.steps())
                .setCaptionTokens(info.captionTokens())
                .addAllPrecisions(info.precisions())
                .setLikelihoodKind(kind(info.scored()))
                .addAllClassNames(bundle.getConditioning().getClassNamesList())
                .setParameters(bundle.getParameters())
                .setRecommendedTemperature(
                        bundle.getRecommendedTemperature() == 0 ? 1 : bundle.getRecommendedTemperature());
        bundle.getPipeline().getStagesList().forEach(stage -> model.addStages(stage(stage)));
        bundle.getMetricsList().forEach(metric -> model.addMetrics(Metric.newBuilder()
                .setName(metric.getName())
                .setValue(metric.getValue())
                .setUnit(metric.getUnit())
                .setProtocol(metric.getProtocol())
                .setPrecision(ModelInfo.precision(metric))));
    }
}
