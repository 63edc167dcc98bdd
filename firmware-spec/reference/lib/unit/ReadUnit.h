#pragma once

#include "Sensor.h"
#include "Unit.h"

namespace unit {

/// Says a reading a second to the client that it serves, as firmware-spec/01-read-unit.md says.
class ReadUnit final : public Unit {
 public:
  /// From the end of one line to the next, in milliseconds.
  static constexpr uint32_t period = 1000;

  ReadUnit(Port &port, const char *name, Sensor &sensor) : Unit(port, name, "read"), sensor_(sensor) {}

 private:
  void begun(uint32_t now) override;
  bool serve(uint32_t now) override;
  void ended() override;
  void take(uint32_t now);

  Sensor &sensor_;
  /// The line that is on its way, with its LF.
  char line_[Sensor::longest + 1] = {};
  size_t count_ = 0;
  size_t sent_ = 0;
  uint32_t due_ = 0;
};

}  // namespace unit
