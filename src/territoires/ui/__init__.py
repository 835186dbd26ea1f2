"""The design system: layouts, components, theme, icons. Knows no business."""
