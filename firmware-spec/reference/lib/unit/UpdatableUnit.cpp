#include "UpdatableUnit.h"

namespace unit {

namespace {

/// The most bytes of one step, so that a client that never stops lets the network and the console live.
constexpr size_t stepLimit = 512;

}  // namespace

void UpdatableUnit::begun(uint32_t now) {
  line_.forget();
  lastByte_ = now;
}

bool UpdatableUnit::serve(uint32_t now) {
  uint8_t bytes[64];
  size_t total = 0;
  while (total < stepLimit) {
    const size_t count = port_.read(bytes, sizeof bytes);
    if (count == 0) break;
    for (size_t index = 0; index < count; index++) obey(line_.take(bytes[index]));
    total += count;
  }
  if (total > 0) {
    lastByte_ = now;
  } else if (line_.isBegun() && now - lastByte_ >= lineLimit) {
    obey(line_.finish());
  }
  return total > 0;
}

void UpdatableUnit::ended() {
  uint8_t byte;
  while (port_.read(&byte, 1) == 1) obey(line_.take(byte));
  obey(line_.finish());
}

void UpdatableUnit::obey(CommandLine::Found found) {
  switch (found) {
    case CommandLine::Found::nothing: break;
    case CommandLine::Found::tooLong: console_.printLine("The command is too long, and is left out."); break;
    case CommandLine::Found::line:
      console_.printForeign(line_.text(), line_.count());
      console_.endLine();
      if (!actuator_.apply(line_.text(), line_.count())) console_.printLine("That is no command.");
      break;
  }
}

}  // namespace unit
