package io.scanline.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sets up the log: to stderr, since stdout belongs to the commands. Found by Logback as a service; written in Java
 * because reading an XML configuration takes a good part of the start-up time.
 */
public final class LogConfiguration extends ContextAwareBase implements Configurator {
    private static final String FORMAT_PROPERTY = "scanline.log.format";
    private static final String LEVEL_PROPERTY = "scanline.log.level";

    /** Makes this the format of the log, java.util.logging's included; without effect once something was logged. */
    static void choose(ServeCommand.LogFormat format) {
        System.setProperty(FORMAT_PROPERTY, format.name());
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        boolean json = ServeCommand.LogFormat.json.name().equals(System.getProperty(FORMAT_PROPERTY));
        Encoder<ILoggingEvent> encoder = json ? json() : text();
        encoder.setContext(context);
        encoder.start();

        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();

        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(System.getProperty(LEVEL_PROPERTY), Level.INFO));
        root.addAppender(appender);
        context.getLogger("com.linecorp.armeria").setLevel(Level.WARN);
        context.getLogger("io.netty").setLevel(Level.WARN);
        // A stack trace for every oversized message would be the client's to flood us with.
        context.getLogger("io.grpc.netty.NettyServerStream").setLevel(Level.ERROR);
        // Nor is it worth one that a reader went away before all was written.
        context.getLogger("io.grpc.netty.NettyServerHandler").setLevel(Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static LogstashEncoder json() {
        LogstashEncoder encoder = new LogstashEncoder();
        // Fields are text and numbers only; looking for more takes start-up time.
        encoder.setFindAndRegisterJacksonModules(false);
        return encoder;
    }

    private static PatternLayoutEncoder text() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{20} %msg%n");
        return encoder;
    }
}
