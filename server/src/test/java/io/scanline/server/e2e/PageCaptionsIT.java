package io.scanline.server.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.scanline.v1.CaptionRequest;
import io.scanline.v1.CaptionResponse;
import io.scanline.v1.CaptionServiceGrpc;
import io.scanline.v1.ModelSelector;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** A person who has a picture put into words. */
class PageCaptionsIT {
    private static final String MODEL = "tiny-captioner";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    private static final ServedPage served = ServedPage.of(ServedPage.tiny(MODEL), ServedPage.tiny("tiny"));

    @Test
    void tokensOfThePictureAreShownWithTheirLogProbabilities(@TempDir Path files) throws Exception {
        Path picture = picture(files);
        served.open();

        choose(picture);

        assertThat(end()).isEqualTo("complete");
        List<String> tokens = new ArrayList<>();
        List<String> logProbabilities = new ArrayList<>();
        try (GrpcReference grpc = new GrpcReference(served.server().grpcPort())) {
            CaptionRequest request = CaptionRequest.newBuilder()
                    .setModel(ModelSelector.newBuilder().setName(MODEL))
                    .setPicture(ByteString.copyFrom(Files.readAllBytes(picture)))
                    .build();
            CaptionServiceGrpc.newBlockingStub(grpc.channel()).caption(request).forEachRemaining(event -> {
                if (event.getEventCase() == CaptionResponse.EventCase.TOKEN) {
                    tokens.add(event.getToken().getText());
                    logProbabilities.add(String.format(Locale.ROOT, "%.2f", event.getToken().getLogProbability()));
                }
            });
        }
        assertThat(tokens).isNotEmpty();
        assertThat(texts(".token")).isEqualTo(tokens);
        assertThat(texts(".log-probability")).isEqualTo(logProbabilities);
        assertThat(served.browser().driver().findElement(By.id("caption-summary")).getText()).contains("nats in all");
    }

    @Test
    void whatIsNoPictureIsRefusedInWords(@TempDir Path files) throws Exception {
        served.open();

        choose(Files.writeString(files.resolve("a.png"), "no picture"));

        assertThat(end()).isEqualTo("failed");
        WebElement error = served.browser().driver().findElement(By.cssSelector("#captions .error"));
        assertThat(error.getText()).contains("INVALID_ARGUMENT", "PICTURE_FORMAT_UNKNOWN", "not a PNG");
    }

    private static Path picture(Path folder) throws IOException {
        BufferedImage image = new BufferedImage(48, 48, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.GREEN);
        graphics.fillRect(6, 20, 14, 14);
        graphics.dispose();
        Path file = folder.resolve("square.png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private static void choose(Path file) {
        served.browser().driver().findElement(By.id("caption-file")).sendKeys(file.toAbsolutePath().toString());
    }

    private static String end() {
        String state = "document.getElementById('captions').dataset.state";
        served.browser().await(LIMIT, "the caption does not end", "return ['complete', 'failed'].includes(" + state + ")");
        return (String) served.browser().run("return " + state);
    }

    /** Texts as they are, blanks included. */
    private static List<String> texts(String selector) {
        return ((List<?>) served.browser().run(
                        "return [...document.querySelectorAll(arguments[0])].map(item => item.textContent)", selector))
                .stream().map(String.class::cast).toList();
    }
}
