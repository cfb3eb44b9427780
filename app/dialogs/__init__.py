"""The dialogs: preferences, keys, export, recovery, salvage, leaving with unsaved work, About."""
