package io.scanline.trainer.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Pictures of two coloured shapes side by side or one above the other, of which two texts are exactly true, such as "red
 * circle left of blue square" and "blue square right of red circle": what a model knows of colour, shape and place can be
 * counted, and nothing needs to be downloaded. RGB on white.
 *
 * <p>The split is by combination: of the pairs of different objects a quarter are only in the test set, where each of their
 * four arrangements has one picture. All objects are in the training set in other company.
 *
 * @param edge columns and rows, at least 16
 * @param drawings of every arrangement in the training set
 */
public record CaptionedShapes(int edge, int drawings) {
    /** Name of the data set, in recipes. */
    public static final String NAME = "captioned-shapes";
    /** The data set that recipes name: the same everywhere. */
    public static final CaptionedShapes DATA_SET = new CaptionedShapes(32, 12);

    private static final int CHANNELS = 3;
    private static final long SPLIT = 1;
    private static final long TRAINING = 2;
    private static final long TEST = 3;

    private enum Shape {
        CIRCLE,
        SQUARE,
        TRIANGLE,
        CROSS;

        /** Whether a place is inside, both coordinates from -1 to 1, down being positive. */
        boolean covers(double x, double y) {
            return switch (this) {
                case CIRCLE -> x * x + y * y <= 1;
                case SQUARE -> Math.abs(x) <= 0.85 && Math.abs(y) <= 0.85;
                case TRIANGLE -> y <= 0.85 && Math.abs(x) <= (y + 1) / 1.85;
                case CROSS -> Math.min(Math.abs(x), Math.abs(y)) <= 0.35 && Math.max(Math.abs(x), Math.abs(y)) <= 1;
            };
        }
    }

    private enum Colour {
        RED(0xD62728),
        GREEN(0x2CA02C),
        BLUE(0x1F4FD8),
        YELLOW(0xF2C80F),
        PURPLE(0x8E44AD),
        BLACK(0x202020);

        private final int rgb;

        Colour(int rgb) {
            this.rgb = rgb;
        }
    }

    private enum Relation {
        LEFT("left of", "right of", 1, 0),
        RIGHT("right of", "left of", -1, 0),
        ABOVE("above", "below", 0, 1),
        BELOW("below", "above", 0, -1);

        private final String words;
        private final String inverse;
        /** From the first object to the second, in columns and rows. */
        private final int right;

        private final int down;

        Relation(String words, String inverse, int right, int down) {
            this.words = words;
            this.inverse = inverse;
            this.right = right;
            this.down = down;
        }

        /** Of the second object to the first. */
        Relation turned() {
            return Stream.of(values()).filter(other -> other.words.equals(inverse)).findFirst().orElseThrow();
        }
    }

    private record Thing(Colour colour, Shape shape) {
        @Override
        public String toString() {
            return (colour + " " + shape).toLowerCase(Locale.ROOT);
        }
    }

    private record Scene(Thing first, Relation relation, Thing second) {
        String text() {
            return first + " " + relation.words + " " + second;
        }

        Caption caption() {
            return new Caption(
                    List.of(text(), second + " " + relation.inverse + " " + first),
                    List.of(),
                    "",
                    first + " and " + second);
        }
    }

    /** Checks the size. */
    public CaptionedShapes {
        if (edge < 16 || drawings < 1) {
            throw new IllegalArgumentException("want at least 16 pixels and one drawing, not " + edge + ", " + drawings);
        }
    }

    /**
     * Other things that could be said of a picture, by what is wrong about them: "colour" and "shape" of one of the two things,
     * the "relation", or anything, which is the first text of every other arrangement of two different things ("scene").
     *
     * @param text one of those that are true
     * @throws IllegalArgumentException when it is no such text
     */
    public static Map<String, List<String>> alternatives(String text) {
        Scene scene = everyScene()
                .filter(each -> each.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is not said of two shapes"));
        Map<String, List<String>> others = new LinkedHashMap<>();
        others.put("colour", texts(Stream.of(Colour.values()).flatMap(colour -> Stream.of(
                new Scene(new Thing(colour, scene.first.shape), scene.relation, scene.second),
                new Scene(scene.first, scene.relation, new Thing(colour, scene.second.shape)))), scene));
        others.put("shape", texts(Stream.of(Shape.values()).flatMap(shape -> Stream.of(
                new Scene(new Thing(scene.first.colour, shape), scene.relation, scene.second),
                new Scene(scene.first, scene.relation, new Thing(scene.second.colour, shape)))), scene));
        others.put("relation", texts(
                Stream.of(Relation.values()).map(relation -> new Scene(scene.first, relation, scene.second)), scene));
        List<String> same = scene.caption().texts();
        others.put("scene", scenes(pairs()).stream().map(Scene::text).filter(other -> !same.contains(other)).toList());
        return others;
    }

    /** Scenes of two things in either order. */
    private static Stream<Scene> everyScene() {
        return scenes(pairs()).stream()
                .flatMap(scene -> Stream.of(scene, new Scene(scene.second, scene.relation.turned(), scene.first)));
    }

    /** What is said of scenes, those of twice the same thing and that of the right one left out. */
    private static List<String> texts(Stream<Scene> scenes, Scene right) {
        return scenes.filter(scene -> !scene.first.equals(scene.second) && !scene.equals(right))
                .map(Scene::text)
                .toList();
    }

    /** The same scenes, learned from more or fewer drawings of each; what is tested stays the same. */
    public CaptionedShapes drawn(int times) {
        return new CaptionedShapes(edge, times);
    }

    /** Draws the data set. */
    public CaptionedImages draw() {
        List<List<Thing>> pairs = pairs();
        Collections.shuffle(pairs, new Random(SPLIT));
        int test = pairs.size() / 4;
        List<Scene> tested = scenes(pairs.subList(0, test));
        List<Scene> learned = scenes(pairs.subList(test, pairs.size()));
        List<Caption> captions = Stream.concat(learned.stream(), tested.stream()).map(Scene::caption).toList();
        List<String> names = captions.stream().map(Caption::text).toList();
        return new CaptionedImages(
                new TrainTest(
                        draw(learned, 0, drawings, TRAINING, names), draw(tested, learned.size(), 1, TEST, names)),
                Optional.empty(),
                captions);
    }

    private static List<List<Thing>> pairs() {
        List<Thing> things = Stream.of(Colour.values())
                .flatMap(colour -> Stream.of(Shape.values()).map(shape -> new Thing(colour, shape)))
                .toList();
        List<List<Thing>> pairs = new ArrayList<>();
        for (int first = 0; first < things.size(); first++) {
            for (int second = first + 1; second < things.size(); second++) {
                pairs.add(List.of(things.get(first), things.get(second)));
            }
        }
        return pairs;
    }

    private static List<Scene> scenes(List<List<Thing>> pairs) {
        return pairs.stream()
                .flatMap(pair -> Stream.of(Relation.values()).map(relation -> new Scene(pair.get(0), relation, pair.get(1))))
                .toList();
    }

    private ImageSet draw(List<Scene> scenes, int firstLabel, int each, long seed, List<String> names) {
        Random random = new Random(seed);
        int size = edge * edge * CHANNELS;
        byte[] values = new byte[scenes.size() * each * size];
        int[] labels = new int[scenes.size() * each];
        for (int n = 0; n < labels.length; n++) {
            labels[n] = firstLabel + n / each;
            paint(scenes.get(n / each), random, values, n * size);
        }
        return new ImageSet(values, labels, edge, edge, CHANNELS, 256, names);
    }

    /** The two lie in different halves of the picture, which is what their relation means, and may be shifted sideways. */
    private void paint(Scene scene, Random random, byte[] values, int start) {
        Arrays.fill(values, start, start + edge * edge * CHANNELS, (byte) 255);
        paint(scene.first, -scene.relation.right, -scene.relation.down, random, values, start);
        paint(scene.second, scene.relation.right, scene.relation.down, random, values, start);
    }

    private void paint(Thing thing, int right, int down, Random random, byte[] values, int start) {
        double half = edge / 2.0;
        double radius = half * (0.3 + 0.15 * random.nextDouble());
        double centreX = centre(right, half, radius, random);
        double centreY = centre(down, half, radius, random);
        for (int y = 0; y < edge; y++) {
            for (int x = 0; x < edge; x++) {
                if (thing.shape.covers((x + 0.5 - centreX) / radius, (y + 0.5 - centreY) / radius)) {
                    int at = start + (y * edge + x) * CHANNELS;
                    values[at] = (byte) (thing.colour.rgb >> 16);
                    values[at + 1] = (byte) (thing.colour.rgb >> 8);
                    values[at + 2] = (byte) thing.colour.rgb;
                }
            }
        }
    }

    /** Somewhere in the half that the side names, or, where it names none, in the middle of the picture. */
    private static double centre(int side, double half, double radius, Random random) {
        double from = side > 0 ? half : 0;
        double room = half - 2 * radius;
        double inHalf = from + radius + room * random.nextDouble();
        return side == 0 ? half + (random.nextDouble() - 0.5) * half / 2 : inHalf;
    }
}
