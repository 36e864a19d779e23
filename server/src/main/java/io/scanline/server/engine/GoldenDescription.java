package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;
import static io.scanline.server.engine.BundleDescription.requireListed;
import static io.scanline.server.engine.BundleDescription.requireRange;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.LatentKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks what a description says of golden samples: their ranges, and which files they have of which length. */
final class GoldenDescription {
    private GoldenDescription() {}

    /** A file that a sample has, and the length that it must have. */
    private record Content(String path, long bytes) {}

    /** Checks everything that can be checked without the files. */
    static void check(Bundle bundle, Set<String> files) throws EngineException {
        require(
                bundle.getGoldenSamplesCount() > 0,
                "there are no golden samples to prove the model with; check --seal makes one");
        VariantDescription.checkGolden(bundle);
        int classes = Math.max(1, bundle.getConditioning().getClassNamesCount());
        int values = ValueGrid.drawn(bundle).values();
        for (GoldenSample sample : bundle.getGoldenSamplesList()) {
            if (bundle.hasTextInput()) {
                requireListed(sample.getTextTokens(), files);
                if (CaptionDescription.captions(bundle)) {
                    requireListed(sample.getLogits(), files);
                }
                requireListed(bundle.getTextInput().getTokenizer(), files);
            }
            for (Content content : contents(bundle, sample)) {
                requireListed(content.path(), files);
            }
            requireRange("the label of a golden sample", sample.getLabel(), 0, classes - 1);
            requireRange("steps of a golden sample", sample.getSteps(), 1, values);
            require(
                    !bundle.hasLatent() && !LookDescription.looks(bundle) && !CaptionDescription.captions(bundle)
                            || sample.getSteps() == values,
                    "steps of a golden sample must be all of an image, %d", values);
            require(
                    sample.getLatent().isEmpty() || bundle.hasLatent() && LatentDescription.encodes(bundle),
                    "a golden sample has a latent, but there is no graph of role \"%s\" to prove with it",
                    LatentDescription.ENCODER);
            float temperature = sample.getTemperature();
            require(temperature >= 0 && temperature <= 10, "the temperature of a golden sample must be 0 to 10");
            require(
                    sample.getAtol() >= 0 && sample.getRtol() >= 0
                            && Double.isFinite(sample.getAtol()) && Double.isFinite(sample.getRtol()),
                    "atol and rtol of a golden sample must be finite and not negative");
        }
    }

    /** Checks that golden files are as long as the samples say. */
    static void checkFiles(Bundle bundle, Map<String, byte[]> files) throws EngineException {
        for (GoldenSample sample : bundle.getGoldenSamplesList()) {
            if (CaptionDescription.captions(bundle)) {
                checkCaption(bundle, sample, files);
            }
            for (Content content : contents(bundle, sample)) {
                long found = files.get(content.path()).length;
                require(
                        found == content.bytes(),
                        "the golden file %s has %d bytes; its sample asks for %d",
                        content.path(), found, content.bytes());
            }
        }
    }

    /** Checks that there are logits for every id of a caption but the first. */
    private static void checkCaption(Bundle bundle, GoldenSample sample, Map<String, byte[]> files)
            throws EngineException {
        int tokens = files.get(sample.getTextTokens()).length;
        int most = bundle.getTextInput().getContext();
        require(
                tokens % Integer.BYTES == 0 && tokens / Integer.BYTES >= 2 && tokens / Integer.BYTES <= most,
                "the golden file %s has %d bytes; a caption has 2 to %d ids of 4",
                sample.getTextTokens(), tokens, most);
        long logits = ((long) tokens / Integer.BYTES - 1) * bundle.getCaptioning().getVocabulary() * Float.BYTES;
        require(
                files.get(sample.getLogits()).length == logits,
                "the golden file %s has %d bytes; its caption asks for %d",
                sample.getLogits(), files.get(sample.getLogits()).length, logits);
    }

    private static List<Content> lookContents(Bundle bundle, GoldenSample sample) {
        List<Content> contents = new ArrayList<>();
        contents.add(new Content(sample.getPixels(), sample.getSteps()));
        if (bundle.hasClassifier()) {
            contents.add(new Content(
                    sample.getLogits(), (long) bundle.getClassifier().getClassNamesCount() * Float.BYTES));
        }
        long vector = (long) bundle.getEmbedding().getDimensions() * Float.BYTES;
        if (bundle.hasEmbedding()) {
            contents.add(new Content(sample.getEmbedding(), vector));
        }
        if (LookDescription.takesText(bundle)) {
            contents.add(new Content(sample.getTextEmbedding(), vector));
        }
        return contents;
    }

    /** Golden numbers of a step: the likelihood of its value where the graph says no more, or else all logits. */
    private static int numbers(Bundle bundle, GoldenSample sample) {
        return VariantDescription.of(sample).equals(VariantDescription.FP16) ? 1 : ValueGrid.drawn(bundle).levels();
    }

    private static List<Content> contents(Bundle bundle, GoldenSample sample) {
        if (CaptionDescription.captions(bundle)) {
            return List.of(new Content(sample.getPixels(), sample.getSteps()));
        }
        if (LookDescription.looks(bundle)) {
            return lookContents(bundle, sample);
        }
        long steps = sample.getSteps();
        int image = ValueGrid.image(bundle).values() * Float.BYTES;
        List<Content> contents = new ArrayList<>();
        contents.add(new Content(sample.getPixels(), steps));
        contents.add(new Content(
                sample.getLogits(),
                LatentDescription.atOnce(bundle) ? image : steps * numbers(bundle, sample) * Float.BYTES));
        if (bundle.hasLatent() && LatentDescription.encodes(bundle)) {
            boolean gaussian = bundle.getLatent().getKind() == LatentKind.LATENT_KIND_GAUSSIAN;
            long numbers = (long) LatentDescription.size(bundle) * (gaussian ? 2 : 1);
            contents.add(new Content(sample.getLatent(), numbers * Float.BYTES)); // codes are int32
        }
        if (PromptDescription.reads(bundle)) {
            long vector = bundle.getConditioning().getText().getWidth();
            contents.add(new Content(sample.getTextEmbedding(), vector * Float.BYTES));
        }
        if (LatentDescription.prior(bundle)) {
            contents.add(new Content(sample.getDecoded(), image));
        }
        return contents;
    }
}
