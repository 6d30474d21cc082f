"""How `request.parse` reads each kind of type; nothing here is imported before the first parse."""
