#pragma once

#include <Actuator.h>
#include <HtmlColour.h>
#include <stdio.h>

/// A lamp that tells what it shows.
class HostLamp final : public unit::Actuator {
 public:
  bool apply(const char *text, size_t count) override {
    const bool isColour = unit::parseColour(text, count, colour_);
    fprintf(stderr, "shows #%02x%02x%02x\n", colour_.red, colour_.green, colour_.blue);
    return isColour;
  }

 private:
  unit::Colour colour_;
};
