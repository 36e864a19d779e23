package io.scanline.trainer.export;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.Observation;
import io.scanline.trainer.data.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A bundle with its graphs.
 *
 * @param bundle its description
 * @param graphs bytes of its ONNX files, and of its tokenizer of texts, by path
 */
public record StoredBundle(Bundle bundle, Map<String, byte[]> graphs) {
    /** Path of the description in a bundle. */
    static final String DESCRIPTION = "bundle.json";

    /** Whether it draws codes, of which its decoder makes the image: a prior over codes. */
    public boolean drawsCodes() {
        return bundle.hasAutoregression() && bundle.hasLatent();
    }

    /** Whether it draws what a text says. */
    public boolean drawsTexts() {
        return bundle.getConditioning().hasText();
    }

    /** Whether it looks at images and draws none. */
    public boolean looks() {
        return bundle.hasEmbedding() || bundle.hasClassifier() || bundle.hasCaptioning();
    }

    /** Whether it draws images of latents and has nothing that leads back: a generator. */
    public boolean onlyDraws() {
        return bundle.getLatent().getKind() == LatentKind.LATENT_KIND_GAUSSIAN
                && bundle.getLatent().getObservation() == Observation.OBSERVATION_UNSPECIFIED
                && graph(LatentSession.ENCODER).isEmpty();
    }

    /** The same as a model of what it draws value by value: of a prior over codes the grid is in place of the image. */
    StoredBundle drawn() {
        if (!drawsCodes()) {
            return this;
        }
        ImageGeometry.Builder grid = ImageGeometry.newBuilder()
                .setHeight(bundle.getLatent().getShape(0))
                .setWidth(bundle.getLatent().getShape(1))
                .setChannels(1)
                .setLevels(bundle.getLatent().getCodes());
        return new StoredBundle(bundle.toBuilder().setGeometry(grid).clearLatent().build(), graphs);
    }

    /** The variants of its graph "step" beside that in fp32. */
    public List<String> variants() {
        return bundle.getGraphsList().stream()
                .filter(graph -> graph.getRole().equals(StepGraph.ROLE) && !isPlain(graph))
                .map(Graph::getVariant)
                .toList();
    }

    /**
     * The same with steps of another variant; what has no graph of it is computed as before. A graph "chunk" takes the place of
     * "step".
     */
    public StoredBundle in(String variant) {
        Set<String> roles = bundle.getGraphsList().stream()
                .filter(graph -> graph.getVariant().equals(variant))
                .map(Graph::getRole)
                .collect(Collectors.toCollection(HashSet::new));
        if (roles.contains(ChunkGraph.ROLE)) {
            roles.add(StepGraph.ROLE);
        }
        List<Graph> chosen = bundle.getGraphsList().stream()
                .filter(graph -> graph.getVariant().equals(variant) || isPlain(graph) && !roles.contains(graph.getRole()))
                .toList();
        return new StoredBundle(bundle.toBuilder().clearGraphs().addAllGraphs(chosen).build(), graphs);
    }

    /** The same without the graphs, figures, samples and files of a variant. */
    StoredBundle without(String variant) {
        Bundle.Builder kept = bundle.toBuilder().clearGraphs().clearMetrics().clearGoldenSamples().clearFiles();
        Map<String, byte[]> files = new HashMap<>(graphs);
        for (Graph graph : bundle.getGraphsList()) {
            if (graph.getVariant().equals(variant)) {
                files.remove(graph.getFile());
            } else {
                kept.addGraphs(graph);
            }
        }
        return new StoredBundle(
                kept.addAllMetrics(bundle.getMetricsList().stream()
                                .filter(metric -> !metric.getVariant().equals(variant))
                                .toList())
                        .addAllGoldenSamples(bundle.getGoldenSamplesList().stream()
                                .filter(sample -> !sample.getVariant().equals(variant))
                                .toList())
                        .addAllFiles(bundle.getFilesList().stream()
                                .filter(file -> !file.getPath().startsWith(GoldenSamples.DIRECTORY + variant)
                                        && (!graphs.containsKey(file.getPath()) || files.containsKey(file.getPath())))
                                .toList())
                        .build(),
                files);
    }

    private static boolean isPlain(Graph graph) {
        return graph.getVariant().isEmpty() || graph.getVariant().equals(StepGraph.PLAIN);
    }

    /** Writes its graphs, and its tokenizer of texts, into a directory. */
    void writeGraphs(Path directory) throws IOException {
        for (Map.Entry<String, byte[]> file : graphs.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
    }

    /** The graph of a role, if there is one: that in fp32 where there are several. */
    Optional<Graph> graph(String role) {
        return bundle.getGraphsList().stream()
                .filter(graph -> graph.getRole().equals(role))
                .min(Comparator.comparing(graph -> !isPlain(graph)));
    }

    /** The graph of a role that the bundle must have. */
    Graph required(String role) {
        return graph(role).orElseThrow(() -> new IllegalArgumentException("the bundle has no " + role + " graph"));
    }

    /** The ONNX file of one of its graphs. */
    byte[] onnx(Graph graph) {
        return graphs.get(graph.getFile());
    }

    /** Reads one of its graphs into a session that computes in one thread. */
    OrtSession session(Graph graph) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            return OrtEnvironment.getEnvironment().createSession(onnx(graph), options);
        }
    }

    /**
     * Reads a bundle whose files are as it says.
     *
     * @param directory NAME/VERSION, or NAME for its newest version
     * @throws IOException when there is none, or it is damaged
     */
    public static StoredBundle read(Path directory) throws IOException {
        Path root = root(directory);
        Bundle.Builder builder = Bundle.newBuilder();
        try {
            JsonFormat.parser().ignoringUnknownFields().merge(Files.readString(root.resolve(DESCRIPTION)), builder);
        } catch (InvalidProtocolBufferException damaged) {
            throw new IOException(root.resolve(DESCRIPTION) + " is no description of a bundle: " + damaged.getMessage(), damaged);
        }
        Bundle bundle = builder.build();
        if (bundle.hasPipeline()) {
            throw new IOException(root + " is a pipeline, which has no graphs of its own: name one of its models");
        }
        for (File file : bundle.getFilesList()) {
            if (!Sha256.of(inside(root, file.getPath())).equals(file.getSha256())) {
                throw new IOException(root.resolve(file.getPath()) + " is not the file that the bundle describes");
            }
        }
        Map<String, byte[]> graphs = new HashMap<>();
        for (Graph graph : bundle.getGraphsList()) {
            graphs.put(graph.getFile(), Files.readAllBytes(inside(root, graph.getFile())));
        }
        if (bundle.hasTextInput()) {
            String tokenizer = bundle.getTextInput().getTokenizer();
            graphs.put(tokenizer, Files.readAllBytes(inside(root, tokenizer)));
        }
        StoredBundle stored = new StoredBundle(bundle, graphs);
        try {
            if (bundle.hasLatent()) {
                (stored.onlyDraws() ? List.of(LatentSession.DECODER) : LatentSession.ROLES).forEach(stored::required);
            }
            if (bundle.hasEmbedding()) {
                stored.required(VisionSession.IMAGE_ENCODER);
            }
            if (bundle.hasClassifier()) {
                stored.required(VisionSession.CLASSIFIER);
            }
            if (bundle.hasCaptioning()) {
                stored.required(CaptionSession.PREFIX_GRAPH);
                stored.required(CaptionSession.STEP);
            }
            if (bundle.getConditioning().hasText()) {
                stored.required(PromptReader.ROLE);
            }
            if (bundle.hasAutoregression() || !bundle.hasLatent() && !stored.looks()) {
                stored.required(StepGraph.ROLE);
            }
        } catch (IllegalArgumentException missing) {
            throw new IOException(root + ": " + missing.getMessage(), missing);
        }
        return stored;
    }

    /** The directory of a bundle: NAME/VERSION, of NAME its newest version. */
    static Path root(Path directory) throws IOException {
        if (Files.exists(directory.resolve(DESCRIPTION))) {
            return directory;
        }
        Optional<Path> newest = Optional.empty();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> versions = Files.list(directory)) {
                newest = versions.filter(version -> version.getFileName().toString().matches("[1-9][0-9]{0,8}"))
                        .filter(version -> Files.exists(version.resolve(DESCRIPTION)))
                        .max(Comparator.comparingInt(version -> Integer.parseInt(version.getFileName().toString())));
            }
        }
        return newest.orElseThrow(() ->
                new NoSuchFileException(directory.resolve(DESCRIPTION).toString(), null, "this is not a bundle"));
    }

    private static Path inside(Path root, String relative) throws IOException {
        Path path = root.resolve(relative).normalize();
        if (!path.startsWith(root.normalize())) {
            throw new IOException("the bundle names " + relative + ", outside of it");
        }
        return path;
    }
}
