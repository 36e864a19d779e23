package io.scanline.trainer.evaluation;

import io.scanline.trainer.data.ImageSet;
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
    private static final List<Neighbour> LARGEST_TEMPLATE = List.of(Neighbour.values());

    /**
     * The floors of all templates from no neighbour to W, N, NW, NE, or to the largest whose table can be held at so many
     * levels: each is expected to be lower than the one before.
     */
    public static List<CountedFloor> all(ImageSet training, ImageSet test) {
        return IntStream.rangeClosed(0, neighbours(training))
                .mapToObj(neighbours -> of(training, test, LARGEST_TEMPLATE.subList(0, neighbours)))
                .toList();
    }

    /** The last of these, the one that models are held against. */
    public static CountedFloor lowest(ImageSet training, ImageSet test) {
        return of(training, test, LARGEST_TEMPLATE.subList(0, neighbours(training)));
    }

    private static int neighbours(ImageSet training) {
        int neighbours = LARGEST_TEMPLATE.size();
        while (!CountTable.fits(training.levels(), neighbours)) {
            neighbours--;
        }
        return neighbours;
    }

    /** The floor of one template. */
    public static CountedFloor of(ImageSet training, ImageSet test, List<Neighbour> template) {
        CountTable table = CountTable.fit(training, template, CountTable.DEFAULT_ALPHA);
        return new CountedFloor(List.copyOf(template), table.evaluate(test));
    }

    /** Short name, e.g. "counted W+N+NW". */
    public String name() {
        return template.isEmpty()
                ? "counted, no neighbour"
                : "counted " + template.stream().map(Neighbour::name).collect(Collectors.joining("+"));
    }
}
