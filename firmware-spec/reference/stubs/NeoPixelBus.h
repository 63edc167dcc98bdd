#pragma once

#include "Arduino.h"

struct RgbColor {
  RgbColor(uint8_t red, uint8_t green, uint8_t blue);
};
struct NeoGrbFeature {};
struct NeoEsp8266Uart1800KbpsMethod {};

template <typename Feature, typename Method>
class NeoPixelBus {
 public:
  explicit NeoPixelBus(uint16_t count);
  void Begin();
  void SetPixelColor(uint16_t index, RgbColor colour);
  void Show();
};
