from store_agent.tui.panes.pane import Pane
class CatalogPane(Pane):
    pass
