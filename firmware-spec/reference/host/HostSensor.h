#pragma once

#include <Sensor.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A light sensor that somebody has made up.
class HostSensor final : public unit::Sensor {
 public:
  /// @return Whether there is such a signal: `uniform`, `counter` or `constant:N`.
  bool measures(const char *signal) {
    if (strcmp(signal, "uniform") == 0) {
      kind_ = Kind::uniform;
    } else if (strcmp(signal, "counter") == 0) {
      kind_ = Kind::counter;
    } else if (strncmp(signal, "constant:", 9) == 0 && signal[9] != 0) {
      char *end;
      kind_ = Kind::constant;
      value_ = static_cast<uint32_t>(strtoul(signal + 9, &end, 10));
      return *end == 0;
    } else {
      return false;
    }
    return true;
  }

  size_t read(char (&text)[longest]) override {
    switch (kind_) {
      case Kind::uniform:
        // xorshift32; the converter of the ESP8266 has 10 bits.
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        value_ = state_ >> 22;
        break;
      case Kind::counter: value_++; break;
      case Kind::constant: break;
    }
    return static_cast<size_t>(snprintf(text, sizeof text, "%u", value_));
  }

 private:
  enum class Kind : uint8_t { uniform, counter, constant };

  Kind kind_ = Kind::uniform;
  uint32_t state_ = 2463534242u;
  uint32_t value_ = 0;
};
