#include "CommandLine.h"

namespace unit {

CommandLine::Found CommandLine::take(uint8_t byte) {
  // The LF of CR LF ends an empty line, which is none.
  if (byte == '\r' || byte == '\n') return finish();
  if (count_ < longest) {
    text_[count_++] = static_cast<char>(byte);
  } else {
    isTooLong_ = true;
  }
  return Found::nothing;
}

CommandLine::Found CommandLine::finish() {
  const Found found = isTooLong_ ? Found::tooLong : count_ > 0 ? Found::line : Found::nothing;
  ended_ = count_;
  text_[count_] = 0;
  count_ = 0;
  isTooLong_ = false;
  return found;
}

void CommandLine::forget() {
  count_ = ended_ = 0;
  isTooLong_ = false;
}

}  // namespace unit
