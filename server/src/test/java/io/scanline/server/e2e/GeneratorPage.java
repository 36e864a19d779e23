package io.scanline.server.e2e;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.support.ui.Select;

/** The page, as a person uses it. What it shows is read from the attributes that it keeps on its elements. */
final class GeneratorPage {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final String STATE = "document.getElementById('gallery').dataset.state";

    private final Browser browser;

    private GeneratorPage(Browser browser) {
        this.browser = browser;
    }

    /** Opens the page and waits until it has asked which models there are. */
    static GeneratorPage open(Browser browser, int webPort) {
        browser.driver().get("http://127.0.0.1:" + webPort + "/");
        browser.await(LIMIT, "no model on offer", "return !document.getElementById('generate').disabled");
        return new GeneratorPage(browser);
    }

    /** Chooses a model by its name. */
    GeneratorPage model(String name) {
        new Select(browser.driver().findElement(By.id("model"))).selectByContainsVisibleText(name);
        return this;
    }

    GeneratorPage choose(int label, long seed, int count, String cadence) {
        select("label", Integer.toString(label));
        type("seed", Long.toString(seed));
        type("count", Integer.toString(count));
        select("cadence", cadence);
        return this;
    }

    void type(String id, String text) {
        var field = browser.driver().findElement(By.id(id));
        field.clear();
        field.sendKeys(text);
    }

    void click(String id) {
        browser.driver().findElement(By.id(id)).click();
    }

    /** Starts a generation and waits for its end, whichever that is. */
    String generate() {
        begin();
        return awaitEnd();
    }

    /** Presses the button and remembers from then on every number of values that the first image shows. */
    void begin() {
        browser.run("""
                const gallery = document.getElementById('gallery');
                gallery.dataset.state = 'clicked';
                window.shown = [];
                window.observer?.disconnect();
                window.observer = new MutationObserver(() => {
                  const figure = gallery.querySelector('figure');
                  if (figure && window.shown.at(-1) !== figure.dataset.decided) {
                    window.shown.push(figure.dataset.decided);
                  }
                });
                window.observer.observe(gallery,
                    { subtree: true, childList: true, attributes: true, attributeFilter: ['data-decided'] });
                """);
        click("generate");
    }

    String awaitEnd() {
        browser.await(LIMIT, "the generation does not end",
                "return ['complete', 'cancelled', 'failed'].includes(" + STATE + ")");
        browser.await(LIMIT, "the form stays locked", "return !document.getElementById('generate').disabled");
        return (String) browser.run("return " + STATE);
    }

    /**
     * Has the page itself run a script once, the moment that a condition holds: a model may be through before a word of it
     * has reached the test. Call it before what leads to the condition.
     */
    void when(String condition, String script) {
        browser.run("new MutationObserver((changes, observer) => { if (" + condition + ") { observer.disconnect(); "
                + script + " } }).observe(document.getElementById('gallery'),"
                + " { subtree: true, childList: true, attributes: true });");
    }

    /** Waits until the images on the page, as many as these, are in these states. */
    void awaitStates(String... states) {
        browser.await(LIMIT, "the images are not " + List.of(states),
                "return [...document.querySelectorAll('figure')].map(figure => figure.dataset.state).join(' ') === '"
                        + String.join(" ", states) + "'");
    }

    /** Waits until the generation is in a state. */
    void awaitState(String state) {
        browser.await(LIMIT, "the generation is not " + state, "return " + STATE + " === '" + state + "'");
    }

    /** Clicks the middle of a pixel of an image. */
    void clickPixel(int image, int column, int row) {
        moveTo(image, column, row).click().perform();
    }

    /** Paints with the brush along a row of pixels, and takes the pointer away. */
    void paintRow(int image, int row, int from, int to) {
        browser.driver().findElement(By.cssSelector("label:has([name=tool][value=paint])")).click();
        moveTo(image, from, row).clickAndHold().perform();
        moveTo(image, to, row).release().moveToElement(browser.driver().findElement(By.id("status"))).perform();
    }

    /** Of every pixel of an image whether it is painted. */
    List<Boolean> painted(int image) {
        return ((List<?>) browser.run("""
                const overlay = document.querySelectorAll('figure .overlay')[arguments[0]];
                const { data } = overlay.getContext('2d').getImageData(0, 0, overlay.width, overlay.height);
                return Array.from({ length: data.length / 4 }, (_, pixel) => data[pixel * 4 + 3] > 0);
                """, image))
                .stream().map(Boolean.class::cast).toList();
    }

    private Actions moveTo(int image, int column, int row) {
        WebElement overlay = browser.driver().findElements(By.cssSelector("figure .overlay")).get(image);
        int columns = Integer.parseInt(overlay.getDomAttribute("width"));
        int rows = Integer.parseInt(overlay.getDomAttribute("height"));
        Dimension size = overlay.getSize();
        // Offsets count from the middle of the element.
        int x = (int) Math.round(size.width * ((column + 0.5) / columns - 0.5));
        int y = (int) Math.round(size.height * ((row + 0.5) / rows - 0.5));
        return new Actions(browser.driver()).moveToElement(overlay, x, y);
    }

    void awaitPixels() {
        browser.await(LIMIT, "no pixel appears",
                "return [...document.querySelectorAll('figure')].some(figure => Number(figure.dataset.decided) > 0)");
    }

    /** Every number of values that the first image showed since {@link #begin()}, in the order of time. */
    List<Integer> shown() {
        return integers("return window.shown");
    }

    /** Values of every image that are decided now. */
    List<Integer> decided() {
        return integers("return [...document.querySelectorAll('figure')].map(figure => figure.dataset.decided)");
    }

    /** An attribute {@code data-NAME} of every image. */
    List<String> figures(String name) {
        return ((List<?>) browser.run(
                        "return [...document.querySelectorAll('figure')].map(figure => figure.dataset[arguments[0]])",
                        name))
                .stream().map(String.class::cast).toList();
    }

    /** Text of an element. */
    String text(String id) {
        return browser.driver().findElement(By.id(id)).getText();
    }

    /** One of the numbers beside the images. */
    String number(String name) {
        return browser.driver().findElement(By.cssSelector("[data-number=" + name + "]")).getText();
    }

    /**
     * The level of every pixel of a grey image, read back from its canvas.
     *
     * @throws AssertionError when a pixel is transparent or has a colour that no level has
     */
    byte[] levelsOnCanvas(int image) {
        Map<?, ?> read = (Map<?, ?>) browser.run("""
                const canvas = document.querySelectorAll('figure .picture')[arguments[0]];
                const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                return { rgba: Array.from(data).join(' '),
                    levels: document.getElementById('gallery').dataset.levelValues };
                """, image);
        int[] rgba = numbers(read.get("rgba"));
        List<Integer> intensities = Arrays.stream(numbers(read.get("levels"))).boxed().toList();
        ByteArrayOutputStream levels = new ByteArrayOutputStream();
        for (int at = 0; at < rgba.length; at += 4) {
            int level = intensities.indexOf(rgba[at]);
            if (rgba[at + 3] != 255 || rgba[at + 1] != rgba[at] || rgba[at + 2] != rgba[at] || level < 0) {
                throw new AssertionError("pixel " + at / 4 + " shows no level: "
                        + Arrays.toString(Arrays.copyOfRange(rgba, at, at + 4)) + " of " + intensities);
            }
            levels.write(level);
        }
        return levels.toByteArray();
    }

    void select(String id, String value) {
        new Select(browser.driver().findElement(By.id(id))).selectByValue(value);
    }

    private List<Integer> integers(String script) {
        return ((List<?>) browser.run(script)).stream().map(value -> Integer.valueOf((String) value)).toList();
    }

    private static int[] numbers(Object text) {
        return Arrays.stream(((String) text).split(" ")).mapToInt(Integer::parseInt).toArray();
    }
}
