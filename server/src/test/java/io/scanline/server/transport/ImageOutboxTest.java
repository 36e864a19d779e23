package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.scanline.server.engine.CodeProgress;
import io.scanline.server.engine.ImageProgress;
import io.scanline.server.engine.ImageResult;
import io.scanline.v1.CodeGrid;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Geometry;
import io.scanline.v1.Started;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes out of an image that is made of codes: 2 rows of 3 codes, 6 x 4 grey pixels. */
class ImageOutboxTest {
    private static final int CODES = 6;
    private static final Started STARTED = Started.newBuilder()
            .setGeometry(Geometry.newBuilder().setWidth(6).setHeight(4).setChannels(1).setLevels(2)
                    .setLevelValues(ByteString.copyFrom(new byte[] {0, (byte) 255})))
            .setSteps(CODES)
            .setCodes(CodeGrid.newBuilder().setColumns(3).setRows(2).setCodes(256))
            .build();

    private final ScriptedCodes codes = new ScriptedCodes();
    private final Image image = new Image();
    private final Sequences sequences = new Sequences();

    /** Codes 250 to 255 that are decided by the test, as are their previews. */
    private static final class ScriptedCodes implements CodeProgress {
        private int decided;
        private int asked;
        private Preview newest;

        @Override
        public int decided() {
            return decided;
        }

        @Override
        public byte[] codes(int from, int to) {
            assertThat(to).as("reads what is decided").isLessThanOrEqualTo(decided);
            byte[] part = new byte[to - from];
            for (int i = 0; i < part.length; i++) {
                part[i] = (byte) (250 + from + i);
            }
            return part;
        }

        @Override
        public void askForPreview() {
            asked++;
        }

        @Override
        public Optional<Preview> preview() {
            return Optional.ofNullable(newest);
        }
    }

    /** Nothing, and then all white. */
    private final class Image implements ImageProgress {
        private byte[] values = {};

        @Override
        public int index() {
            return 4;
        }

        @Override
        public int decided() {
            return values.length;
        }

        @Override
        public byte[] values(int from, int to) {
            return Arrays.copyOfRange(values, from, to);
        }

        @Override
        public Optional<ImageResult> result() {
            return Optional.empty();
        }

        @Override
        public Optional<CodeProgress> codes() {
            return Optional.of(codes);
        }
    }

    private static byte[] white() {
        byte[] white = new byte[24];
        Arrays.fill(white, (byte) 1);
        return white;
    }

    private ImageOutbox outbox(Pace pace, int given) {
        return ImageOutbox.of(image, new StreamPlan(pace, 100, 50, 0), STARTED, given);
    }

    /** Everything that may be sent now. */
    private List<GenerateResponse> all(ImageOutbox outbox) {
        List<GenerateResponse> messages = new ArrayList<>();
        for (GenerateResponse next = outbox.next(sequences); next != null; next = outbox.next(sequences)) {
            messages.add(next);
        }
        return messages;
    }

    private static void assertTokens(GenerateResponse message, long sequence, int first, Integer... codes) {
        assertThat(message.getTokens().getImageIndex()).isEqualTo(4);
        assertThat(message.getTokens().getSequence()).isEqualTo(sequence);
        assertThat(message.getTokens().getFirstIndex()).isEqualTo(first);
        assertThat(message.getTokens().getCodesList()).containsExactly(codes);
    }

    @Test
    void codesThatASlowReaderHasNotTakenCoalesce() {
        ImageOutbox outbox = outbox(Pace.PIXEL, 0);
        codes.decided = 1;
        List<GenerateResponse> first = all(outbox);
        codes.decided = 5;
        List<GenerateResponse> second = all(outbox);
        assertThat(first).hasSize(1);
        assertTokens(first.get(0), 0, 0, 250);
        assertThat(second).hasSize(1);
        assertTokens(second.get(0), 1, 1, 251, 252, 253, 254);
        assertThat(outbox.delivered()).isFalse();
    }

    @Test
    void rowsAreThoseOfTheGridAndGivenCodesAreNotSentBack() {
        ImageOutbox outbox = outbox(Pace.ROW, 1);
        codes.decided = 2;
        assertThat(all(outbox)).isEmpty();
        codes.decided = 5;
        List<GenerateResponse> row = all(outbox);
        assertThat(row).hasSize(1);
        assertTokens(row.get(0), 0, 1, 251, 252);
    }

    @Test
    void valuesFollowTheCodesOnceTheyAreThere() {
        ImageOutbox outbox = outbox(Pace.PIXEL, 2);
        codes.decided = CODES;
        assertThat(all(outbox)).hasSize(1);
        assertThat(outbox.delivered()).isFalse();
        image.values = white();
        List<GenerateResponse> rest = all(outbox);
        assertThat(rest).hasSize(1);
        assertThat(rest.get(0).getPixels().getFirstIndex()).isZero(); // none of the values was given
        assertThat(rest.get(0).getPixels().getSequence()).isZero();
        assertThat(rest.get(0).getPixels().getValues().toByteArray()).isEqualTo(white());
        assertThat(outbox.delivered()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Pace.class)
    void allIsDeliveredAtEveryPace(Pace pace) {
        ImageOutbox outbox = outbox(pace, 0);
        codes.decided = CODES;
        image.values = white();
        List<GenerateResponse> messages = all(outbox);
        assertThat(messages).filteredOn(GenerateResponse::hasTokens).hasSize(1);
        assertThat(messages).filteredOn(GenerateResponse::hasPixels).hasSize(1);
        assertThat(messages).filteredOn(GenerateResponse::hasPreview).hasSize(pace == Pace.PREVIEW ? 1 : 0);
        assertThat(outbox.delivered()).isTrue();
    }

    @Test
    void previewIsAskedForWhenTheIntervalHasPassedAndSentWhenItIsThere() throws Exception {
        ImageOutbox outbox = outbox(Pace.PREVIEW, 0);
        codes.decided = 4;
        assertThat(all(outbox)).isEmpty();
        assertThat(codes.asked).isZero();
        outbox.tick();
        assertThat(all(outbox)).isEmpty(); // it is not waited for
        assertThat(all(outbox)).isEmpty();
        assertThat(codes.asked).isEqualTo(1);

        codes.newest = new CodeProgress.Preview(4, white());
        List<GenerateResponse> shown = all(outbox);
        assertThat(shown).hasSize(1);
        assertThat(shown.get(0).getPreview().getStep()).isEqualTo(4);
        assertThat(shown.get(0).getPreview().getTotalSteps()).isEqualTo(CODES);
        BufferedImage picture = ImageIO.read(shown.get(0).getPreview().getImage().newInput());
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 6; x++) {
                boolean decided = y / 2 * 3 + x / 2 < 4;
                assertThat(picture.getRGB(x, y)).as(x + ", " + y).isEqualTo(decided ? 0xFFFFFFFF : 0);
            }
        }
        outbox.tick();
        assertThat(all(outbox)).isEmpty();
        assertThat(codes.asked).as("nothing is new").isEqualTo(1);
    }

    @Test
    void lastPreviewIsTheImageAndGoesBeforeItsValues() {
        ImageOutbox outbox = outbox(Pace.PREVIEW, 0);
        codes.decided = CODES;
        outbox.tick();
        assertThat(all(outbox)).hasSize(1).allMatch(GenerateResponse::hasTokens);
        assertThat(codes.asked).as("the image itself is on its way").isZero();
        image.values = white();
        List<GenerateResponse> last = all(outbox);
        assertThat(last).hasSize(2);
        assertThat(last.get(0).getPreview().getStep()).isEqualTo(CODES);
        assertThat(last.get(1).hasPixels()).isTrue();
    }
}
