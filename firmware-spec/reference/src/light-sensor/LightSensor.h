#pragma once

#include <Arduino.h>
#include <Sensor.h>

/// A light-dependent resistor at A0: 0 to 1023.
class LightSensor final : public unit::Sensor {
 public:
  size_t read(char (&text)[longest]) override {
    return static_cast<size_t>(snprintf(text, sizeof text, "%d", analogRead(A0)));
  }
};
