package io.scanline.server.engine;

import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Offset;
import io.scanline.bundle.v1.Order;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks that a description means something: ranges, sums and references, as bundle.proto states them. */
final class BundleDescription {
    static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");
    static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");
    static final String STEP_ROLE = "step";
    static final String STEP_VARIANT = "fp32";
    static final String ROW_ROLE = "row";
    static final String WINDOW_ROLE = "window";

    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final int MAX_SIDE = 4096;
    private static final int MAX_OFFSET = 64;
    private static final int MAX_CONTEXT = 256;
    private static final int MAX_CLASSES = 65536;
    private static final int MAX_MESSAGE = 300; // names in a bad description may have any length

    private BundleDescription() {}

    /** Checks everything that can be checked without the files. */
    static void check(Bundle bundle, String directoryName, String directoryVersion) throws EngineException {
        check(bundle, directoryName, directoryVersion, true);
    }

    /** @param sealed whether it has its golden samples already */
    static void check(Bundle bundle, String directoryName, String directoryVersion, boolean sealed)
            throws EngineException {
        require(bundle.getFormat() == 1, "format is %s; this server reads format 1", unsigned(bundle.getFormat()));
        require(NAME.matcher(bundle.getName()).matches(), "name must be 1 to 64 characters of [a-z0-9-]");
        require(VERSION.matcher(bundle.getVersion()).matches(), "version must be a decimal number from 1");
        require(
                bundle.getName().equals(directoryName) && bundle.getVersion().equals(directoryVersion),
                "name and version are %s/%s but the directory is another one", bundle.getName(), bundle.getVersion());
        float temperature = bundle.getRecommendedTemperature();
        require(temperature >= 0 && temperature <= 10, "recommendedTemperature must be 0 to 10");
        checkGeometry(bundle.getGeometry());
        if (bundle.hasPipeline()) {
            PipelineDescription.check(bundle);
            return;
        }
        boolean atOnce = LatentDescription.atOnce(bundle);
        if (bundle.hasLatent()) {
            LatentDescription.check(bundle);
        }
        boolean makesNone = LookDescription.looks(bundle) || CaptionDescription.captions(bundle);
        CaptionDescription.check(bundle);
        LookDescription.check(bundle);
        if (!atOnce && !makesNone) {
            checkAutoregression(bundle);
        }
        checkClasses(bundle);
        PromptDescription.check(bundle);
        Set<String> files = checkFiles(bundle.getFilesList());
        checkGraphs(bundle, files);
        VariantDescription.check(bundle);
        if (CaptionDescription.captions(bundle)) {
            CaptionDescription.checkStep(bundle);
        } else if (!atOnce && !makesNone) {
            checkStep(bundle);
        }
        if (bundle.hasDraft()) {
            DraftTable.check(bundle);
            requireListed(bundle.getDraft().getFile(), files);
        }
        if (sealed) {
            GoldenDescription.check(bundle, files);
        }
    }

    /** The graph that decodes. */
    static Graph stepGraph(Bundle bundle) {
        return graph(bundle, STEP_ROLE);
    }

    /** The graph of a role that a checked bundle has. */
    static Graph graph(Bundle bundle, String role) {
        return findGraph(bundle, role)
                .orElseThrow(() -> new IllegalStateException("the description was not checked"));
    }

    /** The graph of a role, in the variant that every graph has. */
    static Optional<Graph> findGraph(Bundle bundle, String role) {
        return bundle.getGraphsList().stream()
                .filter(graph -> graph.getRole().equals(role) && graph.getVariant().equals(STEP_VARIANT))
                .findFirst();
    }

    private static void checkGeometry(ImageGeometry geometry) throws EngineException {
        requireRange("geometry.width", geometry.getWidth(), 1, MAX_SIDE);
        requireRange("geometry.height", geometry.getHeight(), 1, MAX_SIDE);
        int channels = geometry.getChannels();
        require(channels == 1 || channels == 3 || channels == 4, "geometry.channels must be 1, 3 or 4");
        requireRange("geometry.levels", geometry.getLevels(), 2, 256);
        require(
                geometry.getLevelValues().size() == geometry.getLevels(),
                "geometry.levelValues has %d entries for %d levels",
                geometry.getLevelValues().size(), geometry.getLevels());
    }

    private static void checkAutoregression(Bundle bundle) throws EngineException {
        Autoregression autoregression = bundle.getAutoregression();
        require(
                autoregression.getOrder() == Order.ORDER_RASTER,
                "autoregression.order must be ORDER_RASTER; this server knows no other");
        int steps = ValueGrid.drawn(bundle).values();
        require(
                autoregression.getSteps() == steps,
                "autoregression.steps is %s; %s is %d",
                unsigned(autoregression.getSteps()),
                bundle.hasLatent() ? "the number of codes, latent.shape," : "width * height * channels",
                steps);
        requireRange("the length of autoregression.context", autoregression.getContextCount(), 1, MAX_CONTEXT);
        for (Offset offset : autoregression.getContextList()) {
            checkOffset("context offset", offset);
        }
    }

    /** Checks that a neighbour comes before the value that is predicted. */
    static void checkOffset(String what, Offset offset) throws EngineException {
        int rows = offset.getRows();
        int columns = offset.getColumns();
        require(
                rows >= -MAX_OFFSET && columns >= -MAX_OFFSET && columns <= MAX_OFFSET
                        && (rows < 0 || rows == 0 && columns < 0),
                "the %s (%d, %d) does not lie before the predicted value or is too far away",
                what, rows, columns);
    }

    private static void checkClasses(Bundle bundle) throws EngineException {
        if (!bundle.hasConditioning() || PromptDescription.reads(bundle)) {
            return;
        }
        List<String> names = bundle.getConditioning().getClassNamesList();
        requireRange("the length of conditioning.classNames", names.size(), 1, MAX_CLASSES);
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            require(!name.isEmpty(), "a class name is empty");
            require(seen.add(name.toLowerCase(Locale.ROOT)), "the class name \"%s\" is there twice", name);
        }
    }

    private static Set<String> checkFiles(List<File> files) throws EngineException {
        Set<String> paths = new HashSet<>();
        for (File file : files) {
            BundleFiles.checkRelative(file.getPath());
            require(paths.add(file.getPath()), "the file %s is listed twice", file.getPath());
            require(
                    SHA256.matcher(file.getSha256()).matches(),
                    "the sha256 of %s is not 64 lower-case hexadecimal digits", file.getPath());
        }
        return paths;
    }

    private static void checkGraphs(Bundle bundle, Set<String> files) throws EngineException {
        Set<String> variants = new HashSet<>();
        for (Graph graph : bundle.getGraphsList()) {
            requireListed(graph.getFile(), files);
            require(
                    variants.add(graph.getRole() + "/" + graph.getVariant()),
                    "there are two graphs of role \"%s\" and variant \"%s\"", graph.getRole(), graph.getVariant());
        }
        List<String> roles = new ArrayList<>(bundle.hasLatent() ? LatentDescription.roles(bundle) : List.of());
        if (LookDescription.looks(bundle)) {
            LookDescription.stages(bundle).forEach(stage -> roles.add(stage.role()));
        } else if (CaptionDescription.captions(bundle)) {
            roles.addAll(CaptionDescription.roles());
        } else if (!LatentDescription.atOnce(bundle)) {
            roles.add(STEP_ROLE);
        }
        FormDescription.check(bundle);
        for (String role : roles) {
            require(
                    variants.contains(role + "/" + STEP_VARIANT),
                    "there is no graph of role \"%s\" and variant \"%s\"", role, STEP_VARIANT);
        }
    }

    private static void checkStep(Bundle bundle) throws EngineException {
        for (String variant : VariantDescription.ofStep(bundle)) {
            Graph each = VariantDescription.step(bundle, variant);
            Set<Integer> previous = RowDescription.check(bundle, each);
            StateDescription.check(each.getState(), bundle.getAutoregression().getSteps(), previous);
        }
        if (VariantDescription.decoding(bundle).contains(VariantDescription.FP16)) {
            StateDescription.check(
                    VariantDescription.chunk(bundle).getState(), bundle.getAutoregression().getSteps(), Set.of());
        }
        Graph step = stepGraph(bundle);
        require(
                findGraph(bundle, WINDOW_ROLE).isEmpty()
                        || step.getState().getMemoriesCount() > 0 && step.getState().getRecurrentsCount() == 0,
                "there is a graph of role \"window\" beside a step graph without memories or with recurrents");
    }

    static void requireListed(String path, Set<String> files) throws EngineException {
        BundleFiles.checkRelative(path);
        require(files.contains(path), "the file %s is used but not listed in files", path);
    }

    static void requireRange(String what, int value, int from, int to) throws EngineException {
        require(value >= from && value <= to, "%s is %s; it must be %d to %d", what, unsigned(value), from, to);
    }

    private static String unsigned(int value) {
        return Integer.toUnsignedString(value);
    }

    static void require(boolean holds, String otherwise, Object... values) throws EngineException {
        if (!holds) {
            String message = BundleReader.DESCRIPTION + ": " + String.format(Locale.ROOT, otherwise, values);
            throw EngineException.of(
                    Reason.BUNDLE_DESCRIPTION_INVALID,
                    message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...");
        }
    }
}
