import Testing

@Test func placeholderUp() {}
