#pragma once

#include "Actuator.h"
#include "CommandLine.h"
#include "Unit.h"

namespace unit {

/// Does what its client says, line by line, as firmware-spec/02-updatable-unit.md says, and better where that leaves room: each of
/// CR, LF and CR LF ends a command at once, and what came is used even where the peer has closed meanwhile.
class UpdatableUnit final : public Unit {
 public:
  /// A command without an end is taken as whole after so long without a byte, in milliseconds.
  static constexpr uint32_t lineLimit = 5000;

  UpdatableUnit(Port &port, const char *name, Actuator &actuator) : Unit(port, name, "updatable"), actuator_(actuator) {}

 private:
  void begun(uint32_t now) override;
  bool serve(uint32_t now) override;
  void ended() override;
  void obey(CommandLine::Found found);

  Actuator &actuator_;
  CommandLine line_;
  uint32_t lastByte_ = 0;
};

}  // namespace unit
