#include "ReadUnit.h"

namespace unit {

void ReadUnit::begun(uint32_t now) {
  count_ = sent_ = 0;
  due_ = now;
}

bool ReadUnit::serve(uint32_t now) {
  // What a client says is ignored, and read, or its bytes would fill the receive window.
  uint8_t ignored[64];
  while (port_.read(ignored, sizeof ignored) == sizeof ignored) {
  }
  if (sent_ == count_ && static_cast<int32_t>(now - due_) >= 0) take(now);
  if (sent_ == count_) return true;
  // A line goes out whole: the next reading waits until TCP has taken this one.
  const size_t taken = port_.write(reinterpret_cast<const uint8_t *>(line_) + sent_, count_ - sent_);
  sent_ += taken;
  if (sent_ == count_) due_ = now + period;
  return taken > 0;
}

void ReadUnit::take(uint32_t now) {
  char text[Sensor::longest];
  const size_t count = sensor_.read(text);
  count_ = sent_ = 0;
  if (count == 0 || count > Sensor::longest) {
    due_ = now + period;
    return;
  }
  for (size_t index = 0; index < count; index++) line_[index] = text[index];
  line_[count] = '\n';
  count_ = count + 1;
  console_.print(text, count);
  console_.endLine();
}

void ReadUnit::ended() { count_ = sent_ = 0; }

}  // namespace unit
