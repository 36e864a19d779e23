package io.scanline.cli.stream;

import static io.scanline.cli.Events.bytes;
import static io.scanline.cli.Events.finished;
import static io.scanline.cli.Events.grey;
import static io.scanline.cli.Events.pixels;
import static io.scanline.cli.Events.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.scanline.v1.FinishReason;
import io.scanline.v1.Finished;
import io.scanline.v1.Pixels;
import io.scanline.v1.Started;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ImageAssemblyTest {
    private static ImageAssembly assembly(int count, int... prefix) throws StreamViolation {
        return new ImageAssembly(started(grey(2, 2, 4)), count, ByteString.copyFrom(bytes(prefix)));
    }

    @Property(tries = 200)
    void rebuildsAnyInterleavingOfAnyPieces(
            @ForAll @IntRange(min = 1, max = 5) int count,
            @ForAll @IntRange(min = 0, max = 60) int given,
            @ForAll long seed)
            throws StreamViolation {
        Random random = new Random(seed);
        byte[] prefix = new byte[given];
        byte[][] images = new byte[count][60];
        for (int i = 0; i < given; i++) {
            prefix[i] = (byte) random.nextInt(16);
        }
        for (byte[] image : images) {
            for (int i = 0; i < image.length; i++) {
                image[i] = i < given ? prefix[i] : (byte) random.nextInt(16);
            }
        }
        ImageAssembly assembly = new ImageAssembly(started(grey(6, 10, 16)), count, ByteString.copyFrom(prefix));
        int[] sent = new int[count];
        Arrays.fill(sent, given);
        long sequence = 0;
        for (int left = count * (60 - given); left > 0; ) {
            int image = random.nextInt(count);
            int size = Math.min(60 - sent[image], 1 + random.nextInt(12));
            if (size == 0) {
                continue;
            }
            assembly.accept(Pixels.newBuilder()
                    .setSequence(sequence++)
                    .setImageIndex(image)
                    .setFirstIndex(sent[image])
                    .setValues(ByteString.copyFrom(images[image], sent[image], size))
                    .build());
            sent[image] += size;
            left -= size;
        }
        assembly.verify(finished(images));
        for (int i = 0; i < count; i++) {
            assertThat(assembly.values(i)).isEqualTo(images[i]);
        }
    }

    @Test
    void aWholeImageMayBeGiven() throws StreamViolation {
        ImageAssembly assembly = assembly(1, 0, 1, 2, 3);

        assertThatCode(() -> assembly.verify(finished(bytes(0, 1, 2, 3)))).doesNotThrowAnyException();
    }

    @Test
    void imageThatWasGivenUpMayBeIncompleteAndNoOther() throws StreamViolation {
        ImageAssembly assembly = assembly(2);
        assembly.accept(pixels(0, 0, 0, 0, 1, 2, 3));
        assembly.accept(pixels(1, 1, 0, 1, 1));
        Finished whole = finished(bytes(0, 1, 2, 3), bytes(1, 1, 0, 0));
        Finished.Builder abandoned = whole.toBuilder();
        abandoned.getImagesBuilder(1)
                .setFinishReason(FinishReason.FINISH_REASON_ABANDONED)
                .clearSha256();

        assertThatCode(() -> assembly.verify(abandoned.build())).doesNotThrowAnyException();
        assertThatThrownBy(() -> assembly.verify(whole))
                .isInstanceOf(StreamViolation.class)
                .hasMessageContaining("image 1");
    }

    @Test
    void refusesGapsRepetitionsAndOverflow() throws StreamViolation {
        ImageAssembly assembly = assembly(2, 0);

        assertThatThrownBy(() -> assembly.accept(pixels(0, 1, 2, 1)))
                .hasMessage("image 1: value 2 arrived where 1 was due");
        ImageAssembly repeated = assembly(1);
        repeated.accept(pixels(0, 0, 0, 1, 2));
        assertThatThrownBy(() -> repeated.accept(pixels(1, 0, 1, 2)))
                .hasMessage("image 0: value 1 arrived where 2 was due");
        assertThatThrownBy(() -> assembly(1).accept(pixels(0, 0, 0, 0, 0, 0, 0, 0)))
                .hasMessage("image 0: 5 values from 0 on, of 4");
        assertThatThrownBy(() -> assembly(1).accept(pixels(0, 0, 0))).hasMessage("image 0: 0 values from 0 on, of 4");
        assertThatThrownBy(() -> assembly(1).accept(pixels(0, 1, 0, 1))).hasMessage("values for image 1 of 1");
        assertThatThrownBy(() -> assembly(1).accept(pixels(0, 0, 0, 4))).hasMessage("image 0: value 0 is no level");
    }

    @Test
    void refusesALostMessage() throws StreamViolation {
        ImageAssembly assembly = assembly(1);
        assembly.accept(pixels(0, 0, 0, 1));

        assertThatThrownBy(() -> assembly.accept(pixels(2, 0, 1, 1)))
                .hasMessage("Pixels message 2 arrived where 1 was due");
    }

    @Test
    void refusesResultsThatAreNotOfTheseValues() throws StreamViolation {
        ImageAssembly assembly = assembly(2);
        assembly.accept(pixels(0, 0, 0, 0, 1, 2, 3));

        assertThatThrownBy(() -> assembly.verify(finished(bytes(0, 1, 2, 3))))
                .hasMessage("the server finished 1 images of 2");
        assertThatThrownBy(() -> assembly.verify(finished(bytes(0, 1, 2, 3), bytes(0, 0, 0, 0))))
                .hasMessage("image 1: finished after 0 values of 4");
        assembly.accept(pixels(1, 1, 0, 0, 0, 0, 1));
        assertThatThrownBy(() -> assembly.verify(finished(bytes(0, 1, 2, 3), bytes(0, 0, 0, 0))))
                .hasMessageStartingWith("image 1: the received values have sha256 ");
    }

    @Test
    void refusesAGeometryThatContradictsItself() {
        Started wrongSteps = started(grey(2, 2, 4)).toBuilder().setSteps(5).build();
        Started wrongLevels = started(grey(2, 2, 4).toBuilder().setLevels(5).build());

        assertThatThrownBy(() -> new ImageAssembly(wrongSteps, 1, ByteString.EMPTY))
                .isInstanceOf(StreamViolation.class);
        assertThatThrownBy(() -> new ImageAssembly(wrongLevels, 1, ByteString.EMPTY))
                .isInstanceOf(StreamViolation.class);
        assertThatThrownBy(() -> assembly(1, 0, 0, 0, 0, 0)).isInstanceOf(StreamViolation.class);
    }
}
