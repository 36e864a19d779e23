package io.scanline.trainer.data;

import java.util.List;
import java.util.stream.Collectors;

/** The public data sets that a recipe can name. */
public final class DataSets {
    private static final List<IdxDataSet> ALL = List.of(FashionMnist.DATA_SET, Mnist.DATA_SET);

    private DataSets() {}

    /** All of them. */
    public static List<IdxDataSet> all() {
        return ALL;
    }

    /**
     * The data set of this name.
     *
     * @throws IllegalArgumentException when there is none; the message lists the names
     */
    public static IdxDataSet named(String name) {
        return ALL.stream()
                .filter(dataSet -> dataSet.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no data set " + name + "; there are "
                        + ALL.stream().map(IdxDataSet::name).collect(Collectors.joining(", "))));
    }
}
