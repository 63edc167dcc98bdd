#pragma once

#include <Actuator.h>
#include <HtmlColour.h>
#include <NeoPixelBus.h>

/// 12 pixels WS2812 (GRB, 800 kHz) at GPIO2 (D4), where UART 1 sends to them, so that the console keeps UART 0: black until a
/// colour comes.
class LedLamp final : public unit::Actuator {
 public:
  void begin() {
    pixels_.Begin();
    show();
  }

  bool apply(const char *text, size_t count) override {
    const bool isColour = unit::parseColour(text, count, colour_);
    show();
    return isColour;
  }

 private:
  static constexpr uint16_t count = 12;

  void show() {
    for (uint16_t pixel = 0; pixel < count; pixel++) {
      pixels_.SetPixelColor(pixel, RgbColor(colour_.red, colour_.green, colour_.blue));
    }
    pixels_.Show();
  }

  unit::Colour colour_;
  NeoPixelBus<NeoGrbFeature, NeoEsp8266Uart1800KbpsMethod> pixels_{count};
};
