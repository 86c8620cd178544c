// A slide may be longer than the screen. Space, Page Down (a presenter's remote) and N go down it before they go on.
function onward() {
  const slide = Reveal.getCurrentSlide(), hidden = slide.querySelector(".fragment:not(.visible)");
  const left = (hidden ? hidden.offsetTop : slide.scrollHeight) - slide.scrollTop - slide.clientHeight;
  if (left > 4) slide.scrollTop += Math.min(left, 0.85 * slide.clientHeight);
  else Reveal.next();
}

/** What a step brings is seen: from its top where it is longer than the screen. */
Reveal.on("fragmentshown", ({ fragment }) => {
  const slide = Reveal.getCurrentSlide(), top = fragment.offsetTop, end = top + fragment.offsetHeight;
  if (end > slide.scrollTop + slide.clientHeight) slide.scrollTop = Math.min(top, end - slide.clientHeight);
});
