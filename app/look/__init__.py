"""How the window looks: the theme's colours as palette and style sheet, the bundled font, the icons."""

from app.look.apply import apply_theme
from app.look.icons import icon, pixmap

__all__ = ["apply_theme", "icon", "pixmap"]
