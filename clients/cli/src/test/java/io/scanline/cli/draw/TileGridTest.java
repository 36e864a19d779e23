package io.scanline.cli.draw;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.cli.image.Picture;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TileGridTest {
    private static final Picture WHITE = new Picture(2, 2, new int[] {0xFFFFFF, 0xFFFFFF, 0xFFFFFF, 0xFFFFFF});
    private static final Picture BLACK = new Picture(2, 2, new int[4]);

    private static TileGrid grid(int columns) {
        return new TileGrid(PictureRenderer.of(ColorMode.PLAIN), columns);
    }

    @Test
    void wrapsToTheWidth() {
        assertThat(grid(6).all(List.of(WHITE, BLACK, WHITE))).containsExactly("@@    ", "", "@@");
        assertThat(grid(5).all(List.of(WHITE, BLACK, WHITE))).containsExactly("@@", "", "  ", "", "@@");
    }

    @Test
    void showsTheRowThatGrowsWhenNotAllFit() {
        List<Picture> column = List.of(BLACK, BLACK, WHITE, BLACK);

        assertThat(grid(2).window(column, 2, 2)).containsExactly("@@");
        assertThat(grid(2).window(column, 2, 3)).containsExactly("@@", "", "  ");
        assertThat(grid(2).window(column, 4, 3)).containsExactly("@@", "", "  ");
        assertThat(grid(2).window(column, 0, 50)).hasSize(7);
    }

    @Test
    void shrinksWhatIsTooLarge() {
        Picture large = new Picture(8, 8, Collections.nCopies(64, 0xFFFFFF).stream().mapToInt(i -> i).toArray());

        assertThat(grid(4).all(List.of(large))).containsExactly("@@@@", "@@@@");
        assertThat(grid(80).window(List.of(large), 0, 2)).containsExactly("@@@@", "@@@@");
    }

    @Test
    void halvesThePicturesWhenAllFitThen() {
        Picture square = new Picture(4, 4, Collections.nCopies(16, 0xFFFFFF).stream().mapToInt(i -> i).toArray());

        assertThat(grid(6).window(List.of(square, square), 0, 2)).containsExactly("@@  @@");
        assertThat(grid(6).window(List.of(square, square), 0, 5)).hasSize(5);
    }

    @Test
    void hasNothingToShowBeforeTheStart() {
        assertThat(grid(80).all(List.of())).isEmpty();
        assertThat(grid(80).window(List.of(), 0, 10)).isEmpty();
    }
}
