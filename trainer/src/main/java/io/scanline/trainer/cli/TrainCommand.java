package io.scanline.trainer.cli;

import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.export.FeatureBundle;
import io.scanline.trainer.export.Tokenizer;
import io.scanline.trainer.models.Captioner;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.models.VectorQuantisedGan;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.text.RivalTexts;
import io.scanline.trainer.text.Vocabulary;
import io.scanline.trainer.training.Contrastive;
import io.scanline.trainer.training.MachineSettings;
import io.scanline.trainer.training.NextCode;
import io.scanline.trainer.training.NextWord;
import io.scanline.trainer.training.Objective;
import io.scanline.trainer.training.Peers;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.RunDirectory;
import io.scanline.trainer.training.TrainingRun;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains by a recipe, or goes on with a training that was stopped or killed. */
@Command(
        name = "train",
        description = "Train a model by a recipe. The same command goes on with a training that was stopped or killed.")
final class TrainCommand implements Callable<Integer> {
    /** Choices of {@link Precision}. */
    enum PrecisionChoice {
        AUTO,
        FP32,
        BF16
    }

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "RECIPE",
            converter = RecipeArgument.class,
            description = "Name of a recipe (see the command recipes), or a YAML file.")
    private Recipe.Source source;

    @Mixin
    private DataOptions data;

    @Mixin
    private TokenizerOptions tokenizers;

    private Optional<Tokenizer> tokenizer;
    private Optional<FeatureBundle> features;
    private Optional<CaptionedImages> captioned = Optional.empty();
    /** Of a model of captions: its tokenizer.json. */
    private byte[] text;

    @Option(names = "--out", paramLabel = "DIR", description = "Directory of the run. Default: runs/ and the recipe's name.")
    private Path out;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Stop after step N of the recipe, to go on another time.")
    private Integer steps;

    @Option(
            names = "--precision",
            paramLabel = "auto|fp32|bf16",
            defaultValue = "auto",
            description = "Arithmetic of matrix products. Default: auto, what the run began with, or else what this CPU"
                    + " computes faster.")
    private PrecisionChoice precision;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "50",
            description = "Steps between checkpoints, which is what a kill can cost. Default: ${DEFAULT-VALUE}.")
    private int checkpointEvery;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Threads of every process; all of them together a divisor of the batch. Default: what the run began"
                    + " with, or else what the recipe says, shared by the processes.")
    private Integer workers;

    @Mixin
    private PeerOptions together;

    @Override
    public Integer call() throws Exception {
        checkArguments();
        source = data.applied(source);
        tokenizer = tokenizers.read(source.recipe());
        if (tokenizer.isPresent()) {
            source = source.withTokenizer(tokenizer.get().digest());
        }
        features = tokenizers.features(source.recipe());
        if (features.isPresent()) {
            source = features.get().pin(source);
        }
        Libtorch.load();
        RunDirectory directory =
                new RunDirectory(out != null ? out : Path.of("runs", source.recipe().name()));
        try (PeerOptions companions = together;
                Peers peers = companions.join()) {
            if (peers.isFirst()) {
                lead(directory, peers);
            } else {
                follow(directory, peers);
            }
        }
        return 0;
    }

    private void lead(RunDirectory directory, Peers peers) throws Exception {
        try (Closeable lock = directory.lock()) {
            directory.keep(source);
            MachineSettings settings = settings(directory, peers);
            settings.keep(directory);
            peers.share(settings.text().getBytes(StandardCharsets.UTF_8));
            ImageSet images = images();
            if (captioned.isPresent()) {
                text = peers.share(directory.tokenizer(vocabulary(captioned.get()).json()));
            }
            try (TrainingRun run = run(images, directory, settings, peers);
                    TrainingView view =
                            new TrainingView(source.recipe(), run, directory, spec.commandLine().getOut())) {
                view.begin(source.recipe().network(images).size(), settings, peers.size(), end());
                run.train(end(), view);
                view.end();
            }
        }
    }

    /** Computes with the settings of rank 0 and says nothing. */
    private void follow(RunDirectory directory, Peers peers) throws Exception {
        MachineSettings settings = MachineSettings.of(new String(peers.share(new byte[0]), StandardCharsets.UTF_8));
        ImageSet images = images();
        if (captioned.isPresent()) {
            text = peers.share(new byte[0]);
        }
        try (TrainingRun run = run(images, directory, settings, peers)) {
            run.train(end(), point -> {});
        }
    }

    /** Training images of 8 bits, or the codes that the tokenizer makes of them. */
    private ImageSet images() throws Exception {
        ImageSet intensities;
        if (source.recipe().captions() != null) {
            captioned = Optional.of(data.captioned(source.recipe()));
            intensities = captioned.get().images().training();
        } else {
            intensities = data.intensities(source.recipe()).training();
        }
        return tokenizer.isPresent()
                ? TokenizerOptions.codes(tokenizer.get().stored(), intensities, "training")
                : intensities;
    }

    private TrainingRun run(ImageSet images, RunDirectory directory, MachineSettings settings, Peers peers)
            throws IOException {
        Recipe recipe;
        try {
            recipe = source.recipe().withWorkers(settings.workers(), peers.size());
        } catch (IllegalArgumentException impossible) {
            throw new IOException(impossible.getMessage() + ": choose other --nproc, --nodes or --workers", impossible);
        }
        return new TrainingRun(
                recipe.training(),
                objective(recipe.network(images)),
                images,
                recipe.discretiser(),
                directory.path(),
                settings.precision(),
                checkpointEvery,
                peers);
    }

    private Objective objective(ImageNetwork network) throws IOException {
        if (network instanceof VectorQuantisedGan compared && features.isPresent()) {
            return Objective.of(compared, features.get().distance(compared.shape()));
        }
        if (captioned.isEmpty()) {
            return Objective.of(network);
        }
        TextTokenizer reader = TextTokenizer.read(text, Vocabulary.input(source.recipe().model().text().context()));
        CaptionTexts texts =
                new CaptionTexts(captioned.get().captions(), source.recipe().captions().wording(), reader);
        if (network instanceof Captioner captioner) {
            FeatureBundle vision = features.orElseThrow();
            return new NextWord(captioner, texts, vision.encoder(captioner.shape(), captioner.images()));
        }
        return network instanceof TextPrior prior
                ? new NextCode(prior, texts)
                : new Contrastive((Clip) network, texts, rivals(captioned.get()));
    }

    private RivalTexts rivals(CaptionedImages images) {
        return RivalTexts.of(
                images.of(images.images().training()), source.recipe().captions().rivalsOrNone());
    }

    /** Of what is said of the training images. */
    private Vocabulary vocabulary(CaptionedImages images) {
        return CaptionTexts.vocabulary(
                images.of(images.images().training()).stream().distinct().toList(),
                source.recipe().captions().wording(),
                source.recipe().model().text().vocabulary());
    }

    private int end() {
        int all = source.recipe().training().steps();
        return steps == null ? all : Math.min(steps, all);
    }

    private void checkArguments() {
        if (steps != null && steps < 1) {
            throw new ParameterException(spec.commandLine(), "--steps " + steps + " is below 1");
        }
        if (checkpointEvery < 1) {
            throw new ParameterException(spec.commandLine(), "--checkpoint-every " + checkpointEvery + " is below 1");
        }
        together.check();
        if (workers != null) {
            try {
                source.recipe().withWorkers(workers, 1);
            } catch (IllegalArgumentException impossible) {
                throw new ParameterException(spec.commandLine(), "--workers: " + impossible.getMessage(), impossible);
            }
        }
    }

    /** What the options say, or else what the run was begun with, or else what suits the machine and the recipe. */
    private MachineSettings settings(RunDirectory directory, Peers peers) throws IOException {
        Optional<MachineSettings> earlier = MachineSettings.of(directory);
        Precision chosen =
                switch (precision) {
                    case FP32 -> Precision.FP32;
                    case BF16 -> Precision.BF16;
                    case AUTO -> earlier.map(MachineSettings::precision).orElseGet(Precision::best);
                };
        int threads = workers != null
                ? workers
                : earlier.map(MachineSettings::workers)
                        .orElse(Math.max(1, source.recipe().training().workers() / peers.size()));
        return new MachineSettings(chosen, threads);
    }
}
