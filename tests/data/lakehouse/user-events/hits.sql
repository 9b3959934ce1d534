SELECT damage FROM events.hit
