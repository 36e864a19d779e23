package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.scanline.server.engine.CodeProgress;
import io.scanline.server.engine.ImageProgress;
import io.scanline.server.engine.ImageResult;
import io.scanline.v1.CodeGrid;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Geometry;
import io.scanline.v1.Preview;
import io.scanline.v1.Started;
import java.awt.image.BufferedImage;
import java.io.IOException;
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
    private static final int VALUES = 24;
    private static final Started STARTED = Started.newBuilder()
            .setGeometry(Geometry.newBuilder().setWidth(6).setHeight(4).setChannels(1).setLevels(2)
                    .setLevelValues(ByteString.copyFrom(new byte[] {0, (byte) 255})))
            .setSteps(CODES)
            .setCodes(CodeGrid.newBuilder().setColumns(3).setRows(2).setCodes(256))
            .build();

    private final Codes image = new Codes();
    private final Sequences sequences = new Sequences();

    /** An image whose codes and previews are decided by the test. Code i is 250 + i; all pixels are white. */
    private static final class Codes implements ImageProgress, CodeProgress {
        private final byte[] codes = {(byte) 250, (byte) 251, (byte) 252, (byte) 253, (byte) 254, (byte) 255};
        private int decidedCodes;
        private byte[] values = {};
        private int asked;
        private CodeProgress.Preview newest;

        static byte[] white() {
            byte[] white = new byte[VALUES];
            Arrays.fill(white, (byte) 1);
            return white;
        }

        void show(int decided) {
            newest = new CodeProgress.Preview(decided, white());
        }

        @Override
        public Optional<CodeProgress> codes() {
            return Optional.of(new CodeProgress() {
                @Override
                public int decided() {
                    return decidedCodes;
                }

                @Override
                public byte[] codes(int from, int to) {
                    return Codes.this.codes(from, to);
                }

                @Override
                public void askForPreview() {
                    Codes.this.askForPreview();
                }

                @Override
                public Optional<CodeProgress.Preview> preview() {
                    return Codes.this.preview();
                }
            });
        }

        @Override
        public byte[] codes(int from, int to) {
            assertThat(to).as("reads what is decided").isLessThanOrEqualTo(decidedCodes);
            return Arrays.copyOfRange(codes, from, to);
        }

        @Override
        public void askForPreview() {
            asked++;
        }

        @Override
        public Optional<CodeProgress.Preview> preview() {
            return Optional.ofNullable(newest);
        }

        @Override
        public int index() {
            return 0;
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
    }
}
