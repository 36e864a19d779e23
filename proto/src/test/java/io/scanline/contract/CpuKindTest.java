package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CpuKindTest {
    @Test
    void namesTheFirstProcessor() {
        assertThat(CpuKind.of(List.of(
                        "processor\t: 0",
                        "vendor_id\t: GenuineIntel",
                        "cpu family\t: 6",
                        "model\t\t: 143",
                        "model name\t: some name",
                        "stepping\t: 8",
                        "",
                        "processor\t: 1",
                        "stepping\t: 9")))
                .isEqualTo("GenuineIntel-6-143-8");
    }

    @Test
    void fallsBackToTheArchitecture() {
        assertThat(CpuKind.of(List.of("CPU implementer\t: 0x41"))).isEqualTo(System.getProperty("os.arch"));
    }

    @Test
    void thisMachineHasAKind() {
        assertThat(CpuKind.current()).isNotBlank();
    }
}
