package io.scanline.trainer.data;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** Which channels the images of a set have; all of a set have the same. */
enum PictureChannels {
    /** Grey. */
    GREY(1),
    /** Red, green and blue. */
    RGB(3),
    /** Red, green, blue and straight alpha. */
    RGBA(4);

    private final int count;

    PictureChannels(int count) {
        this.count = count;
    }

    /** The fewest channels that lose nothing of any of these pictures. */
    static PictureChannels of(Collection<SquarePicture> pictures) {
        if (pictures.stream().anyMatch(SquarePicture::transparent)) {
            return RGBA;
        }
        return pictures.stream().anyMatch(SquarePicture::coloured) ? RGB : GREY;
    }

    /**
     * Pictures of one size as a set of images.
     *
     * @param labels class of every picture
     * @throws IOException when they are too many for one set, which holds 2^31 values at most
     */
    ImageSet set(List<SquarePicture> pictures, int edge, List<Integer> labels, List<String> classNames)
            throws IOException {
        long size = (long) pictures.size() * edge * edge * count;
        if (size > Integer.MAX_VALUE - 8) {
            throw new IOException(pictures.size() + " images of " + edge + " x " + edge + " pixels are too many");
        }
        byte[] values = new byte[(int) size];
        int next = 0;
        for (SquarePicture picture : pictures) {
            for (int pixel = 0; pixel < picture.rgba().length; pixel += 4) {
                System.arraycopy(picture.rgba(), pixel, values, next, count);
                next += count;
            }
        }
        return new ImageSet(
                values, labels.stream().mapToInt(label -> label).toArray(), edge, edge, count, 256, classNames);
    }
}
