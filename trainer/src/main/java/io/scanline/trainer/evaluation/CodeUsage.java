package io.scanline.trainer.evaluation;

import io.scanline.trainer.data.ImageSet;
import java.util.Arrays;

/**
 * How often codes are used.
 *
 * @param counts uses of every code
 */
public record CodeUsage(long[] counts) {
    /** Of grids of codes, whose levels are the codes. */
    public static CodeUsage of(ImageSet grids) {
        long[] counts = new long[grids.levels()];
        for (byte code : grids.values()) {
            counts[code & 0xFF]++;
        }
        return new CodeUsage(counts);
    }

    /** Share of the codes that are used at all. */
    public double share() {
        return (double) Arrays.stream(counts).filter(count -> count > 0).count() / counts.length;
    }

    /** exp of the entropy: how many codes there would be if all were used equally often. */
    public double perplexity() {
        double total = Arrays.stream(counts).sum();
        double entropy = Arrays.stream(counts)
                .filter(count -> count > 0)
                .mapToDouble(count -> -count / total * Math.log(count / total))
                .sum();
        return Math.exp(entropy);
    }

    /** Bits of an image of this many tokens when every code takes log2 K bits. */
    public double bits(int tokens) {
        return tokens * Math.log(counts.length) / Math.log(2);
    }
}
