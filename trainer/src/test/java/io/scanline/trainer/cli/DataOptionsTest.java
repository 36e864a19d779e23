package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.trainer.data.Binariser;
import io.scanline.trainer.data.Drawings;
import io.scanline.trainer.data.Quantiser;
import io.scanline.trainer.data.TrainTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class DataOptionsTest {
    @TempDir
    Path folder;

    private final StringWriter errors = new StringWriter();

    @Command(name = "any")
    private static final class AnyCommand {
        @Mixin
        private DataOptions data;
    }

    private DataOptions options(String... arguments) {
        AnyCommand command = new AnyCommand();
        new CommandLine(command).setErr(new PrintWriter(errors, true)).parseArgs(arguments);
        return command.data;
    }

    @Test
    void sizeTakesTheUsersImagesInPlaceOfTheRecipesDataSet() throws IOException, InterruptedException {
        Drawings.write(folder.resolve("a.png"), Drawings.grey(30, 20, 255));
        Drawings.write(folder.resolve("b.png"), Drawings.grey(20, 30, 0));
        Files.writeString(folder.resolve("c.txt"), "no picture");

        DataOptions data = options("--data", folder.toString(), "--size", "12");
        TrainTest images = new Quantiser(16).fixed(data.intensities("mnist", null));

        assertThat(data.dataset("mnist")).isEqualTo("images");
        assertThat(images.training().width()).isEqualTo(12);
        assertThat(images.training().levels()).isEqualTo(16);
        assertThat(images.training().values()[0] + images.test().values()[0]).isEqualTo(15);
        assertThat(errors.toString()).contains("skipped c.txt: not a PNG").contains("skipped 1 of 3 files");
    }

    @Test
    void sizeIsWithinBoundsAndNeedsData() {
        assertThatThrownBy(() -> options("--size", "32").intensities("mnist", null))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("--data");
        assertThatThrownBy(() -> options("--data", "x", "--size", "3").intensities("mnist", null))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("--size 3 is not from 4 to 1024");
        assertThatThrownBy(() -> options().intensities("images", null))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("--data");
    }

    @Test
    void emojiNeedTheirFiles() {
        assertThatThrownBy(() -> options().intensities("emoji", null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("give the directory that holds its files with --data");
    }

    @Test
    void intensitiesAreWhatTrainingDrawsFromAndFixedLevelsWhatFiguresAreReportedOn()
            throws IOException, InterruptedException {
        assertThat(options().dataset("shapes")).isEqualTo("shapes");
        assertThat(options().intensities("shapes", null).training().levels()).isEqualTo(256);
        TrainTest binary = new Binariser(3).fixed(options().intensities("shapes", null));
        assertThat(binary.test().levels()).isEqualTo(2);
        assertThat(binary.test().values()).isEqualTo(
                new Binariser(4).fixed(options().intensities("shapes", null)).test().values());
    }

    @Test
    void everyDataSetSaysWhereItComesFrom() {
        assertThat(DataOptions.describe("images").getLicence()).isEqualTo("NOASSERTION");
        assertThat(DataOptions.describe("emoji-noto").getLicence()).isEqualTo("Apache-2.0");
        assertThat(DataOptions.describe("mnist").getSource()).contains("LeCun");
    }
}
