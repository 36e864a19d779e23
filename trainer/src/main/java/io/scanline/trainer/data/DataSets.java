package io.scanline.trainer.data;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The public data sets that a recipe can name. */
public final class DataSets {
    private static final List<DataSet> ALL = Stream.<DataSet>concat(
                    Stream.of(FashionMnist.DATA_SET, Mnist.DATA_SET), EmojiDataSet.DATA_SETS.stream())
            .toList();

    private DataSets() {}

    /** All of them. */
    public static List<DataSet> all() {
        return ALL;
    }

    /**
     * The data set of this name.
     *
     * @throws IllegalArgumentException when there is none; the message lists the names
     */
    public static DataSet named(String name) {
        return ALL.stream()
                .filter(dataSet -> dataSet.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no data set " + name + "; there are "
                        + ALL.stream().map(DataSet::name).collect(Collectors.joining(", "))));
    }
}
