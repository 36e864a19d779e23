package io.scanline.cli.draw;

import io.scanline.cli.image.Picture;
import java.util.ArrayList;
import java.util.List;

/** Sets pictures of one size side by side, in as many rows as they need. */
public final class TileGrid {
    private static final String GAP = "  ";

    private final PictureRenderer renderer;
    private final int columns;

    /**
     * A grid of this width.
     *
     * @param columns characters in a line; wider pictures are shrunk
     */
    public TileGrid(PictureRenderer renderer, int columns) {
        this.renderer = renderer;
        this.columns = columns;
    }

    /** All pictures, as large as the width allows. */
    public List<String> all(List<Picture> pictures) {
        if (pictures.isEmpty()) {
            return List.of();
        }
        return rows(shrunk(pictures, factor(pictures.get(0), Integer.MAX_VALUE)), 0, Integer.MAX_VALUE);
    }

    /**
     * What fits into so many lines: all pictures if that takes no more than halving them, else the rows from that of
     * the picture {@code first} on, with earlier rows to fill what is left. Even a single row is shrunk if need be.
     */
    public List<String> window(List<Picture> pictures, int first, int lines) {
        if (pictures.isEmpty() || lines < 1) {
            return List.of();
        }
        int factor = factor(pictures.get(0), lines);
        List<Picture> tiles = shrunk(pictures, factor);
        List<Picture> halves = shrunk(pictures, 2 * factor);
        if (rowsThatFit(tiles, lines) < rowsOf(tiles) && rowsThatFit(halves, lines) >= rowsOf(halves)) {
            tiles = halves;
        }
        int fitting = rowsThatFit(tiles, lines);
        int from = Math.max(0, Math.min(first / across(tiles.get(0)), rowsOf(tiles) - fitting));
        return rows(tiles, from, fitting);
    }

    /** Pixels to average in each direction for one row of pictures to fit. */
    private int factor(Picture picture, int lines) {
        int factor = 1;
        while (picture.width() > columns * (long) factor || picture.height() > 2L * lines * factor) {
            factor++;
        }
        return factor;
    }

    private static List<Picture> shrunk(List<Picture> pictures, int factor) {
        return pictures.stream().map(picture -> picture.shrunk(factor)).toList();
    }

    private static int rowsThatFit(List<Picture> tiles, int lines) {
        return Math.max(1, (lines + 1) / (PictureRenderer.height(tiles.get(0)) + 1));
    }

    private int rowsOf(List<Picture> tiles) {
        int across = across(tiles.get(0));
        return (tiles.size() + across - 1) / across;
    }

    private int across(Picture tile) {
        return Math.max(1, (columns + GAP.length()) / (tile.width() + GAP.length()));
    }

    private List<String> rows(List<Picture> tiles, int from, int count) {
        int across = across(tiles.get(0));
        List<String> lines = new ArrayList<>();
        for (int row = from; row - from < count && row * across < tiles.size(); row++) {
            if (row > from) {
                lines.add("");
            }
            lines.addAll(beside(tiles.subList(row * across, Math.min(tiles.size(), (row + 1) * across))));
        }
        return lines;
    }

    private List<String> beside(List<Picture> tiles) {
        List<List<String>> rendered = new ArrayList<>();
        for (Picture tile : tiles) {
            rendered.add(renderer.lines(tile));
        }
        List<String> lines = new ArrayList<>();
        for (int y = 0; y < rendered.get(0).size(); y++) {
            List<String> parts = new ArrayList<>();
            for (List<String> tile : rendered) {
                parts.add(tile.get(y));
            }
            lines.add(String.join(GAP, parts));
        }
        return lines;
    }
}
