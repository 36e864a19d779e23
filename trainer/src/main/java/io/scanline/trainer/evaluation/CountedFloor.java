package io.scanline.trainer.evaluation;

import io.scanline.trainer.data.ImageSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What counting alone achieves on test images.
 *
 * @param template the neighbours of the count table
 * @param likelihood of the test images
 */
public record CountedFloor(List<Neighbour> template, Likelihood likelihood) {
    /** W, N, NW, NE: the most neighbours looked at by default, and the most that are named one by one. */
    private static final int TOUCHING = 4;
    /** Numbers of neighbours that only tables of two levels have room for. */
    private static final List<Integer> BINARY_TEMPLATES = List.of(10, 16, 20);

    /**
     * The floors of templates of the nearest neighbours, from none to W, N, NW, NE, or to as many as a table can hold
     * at so many levels; of binary images also 10, 16 and 20 neighbours. The lowest is last: more neighbours are usually
     * better, until the training images are too few for them.
     */
    public static List<CountedFloor> all(ImageSet training, ImageSet test) {
        IntStream binary = BINARY_TEMPLATES.stream().mapToInt(Integer::intValue).filter(size -> training.levels() == 2);
        return IntStream.concat(IntStream.rangeClosed(0, TOUCHING), binary)
                .filter(neighbours -> CountTable.fits(training.levels(), neighbours))
                .mapToObj(neighbours -> of(training, test, Neighbour.nearest(neighbours)))
                .sorted(Comparator.comparingDouble((CountedFloor floor) -> floor.likelihood().nats())
                        .reversed())
                .toList();
    }

    /** The last of these, the one that models are held against. */
    public static CountedFloor lowest(ImageSet training, ImageSet test) {
        List<CountedFloor> floors = all(training, test);
        return floors.get(floors.size() - 1);
    }

    /** The floor of one template. */
    public static CountedFloor of(ImageSet training, ImageSet test, List<Neighbour> template) {
        CountTable table = CountTable.fit(training, template, CountTable.DEFAULT_ALPHA);
        return new CountedFloor(List.copyOf(template), table.evaluate(test));
    }

    /** Short name, e.g. "counted W+N+NW" or "counted, 16 nearest neighbours". */
    public String name() {
        if (template.isEmpty()) {
            return "counted, no neighbour";
        }
        return template.size() > TOUCHING
                ? "counted, " + template.size() + " nearest neighbours"
                : "counted " + template.stream().map(Neighbour::name).collect(Collectors.joining("+"));
    }
}
